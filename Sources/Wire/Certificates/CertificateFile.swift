#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif
internal import NIOSSL

/// A certificate of the client's, which a server does not trust.
package enum CertificateFile {
  /// Until when it was valid, in seconds since 1970; nil where it still is, or cannot be read.
  package static func expiry(_ path: String) -> Int? {
    guard let end = try? NIOSSLCertificate.fromPEMFile(path).first?.notValidAfter, end < time(nil)
    else { return nil }
    return Int(end)
  }
}
