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
    (try? NIOSSLCertificate.fromPEMFile(path).first)?.expiry
  }
}

extension NIOSSLCertificate {
  /// Until when it was valid, in seconds since 1970; nil where it still is.
  var expiry: Int? { notValidAfter < time(nil) ? Int(notValidAfter) : nil }
}
