internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension Error {
  /// What kept a connection from being made, or ended it, as an operator would say it:
  /// `connection refused`.
  var inShort: String {
    switch self as any Error {
    case let failure as NIOConnectionError:
      // One name may lead to several addresses; they mostly fail alike.
      (failure.connectionErrors.first?.error ?? failure.dnsAError ?? failure.dnsAAAAError)?.inShort
        ?? "it has no address"
    case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
    case ChannelError.connectTimeout: "it did not answer in time"
    default: "\(self)"
    }
  }
}
