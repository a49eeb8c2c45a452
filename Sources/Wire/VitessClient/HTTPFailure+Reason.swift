internal import Certificates
internal import FleetModel
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Terms

/// What an operator is told of a failure.
extension HTTPFailure {
  func failure(of path: String, _ deadline: Duration, over access: HTTPAccess) -> ScrapeFailure {
    let failure = failure(of: path, deadline)
    return failure == .unreachable(.tls(.wantsCertificate))
      ? .unreachable(.tls(access.wantsCertificate)) : failure
  }

  private func failure(of path: String, _ deadline: Duration) -> ScrapeFailure {
    switch self {
    case .timedOut: .noAnswer(within: deadline)
    case .unfinished(let time): .noAnswer(within: time)
    case .closed(let hasBegun): .unreachable(.closed(isInAnswer: hasBegun))
    case .tooLong:
      .notUnderstood(path: path, .tooLong(mebibytes: HTTPFetcher.bodyLimit >> 20))
    case .notHTTP(let bytes):
      ScrapeFailure.ForeignProtocol(opening: bytes).map { .foreign($0) }
        ?? .notUnderstood(path: path, .notHTTP(status: nil))
    case .badStatus(let status): .notUnderstood(path: path, .notHTTP(status: status))
    case .notConnected(let error), .broken(let error): Self.failure(for: error, deadline)
    case .noWay(let proxy, let error): Self.failure(for: error, through: proxy, deadline)
    }
  }

  private static func failure(
    for error: any Error, through proxy: Address, _ deadline: Duration
  ) -> ScrapeFailure {
    switch error {
    case let refusal as ProxyTunnel.Refused:
      return .unreachable(.proxy(proxy, .refused(status: refusal.status)))
    case is ProxyTunnel.Closed:
      return .unreachable(.proxy(proxy, .unreachable(.closed(isInAnswer: false))))
    case ChannelError.connectTimeout:
      return .unreachable(.proxy(proxy, .unreachable(.timedOut)))
    default:
      // What is said over TLS is said by the server.
      switch failure(for: error, deadline) {
      case .unreachable(.tls(let fault)): return .unreachable(.tls(fault))
      case .unreachable(let obstacle): return .unreachable(.proxy(proxy, .unreachable(obstacle)))
      case let failure: return failure
      }
    }
  }

  private static func failure(for error: any Error, _ deadline: Duration) -> ScrapeFailure {
    switch error {
    case let error as NIOConnectionError where error.dnsAError != nil || error.dnsAAAAError != nil:
      return .unreachable(.hostNotResolved)
    case let error as NIOConnectionError:
      let reason = error.connectionErrors.first?.error
      if case ChannelError.connectTimeout? = reason { return .noConnection(within: deadline) }
      return .unreachable(obstacle(reason as? IOError) ?? .notConnected(reason: nil))
    case let error as IOError: return .unreachable(obstacle(error) ?? .broken(reason: nil))
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
      return .unreachable(.tls(ScrapeFailure.TLSFault(String(describing: error))))
    case ServerCertificateCheck.Fault.expired(let end):
      return .unreachable(.tls(.expired(at: Instant(secondsSinceEpoch: Double(end)))))
    case ServerCertificateCheck.Fault.otherName(let name, let found):
      return .unreachable(.tls(.otherName(than: name, found: found)))
    default:
      return .unreachable(.broken(reason: String(String(describing: error).prefix(200))))
    }
  }

  private static func obstacle(_ error: IOError?) -> ScrapeFailure.Obstacle? {
    switch error?.errnoCode {
    case ECONNREFUSED: .refused
    case ECONNRESET: .reset
    case EHOSTUNREACH, ENETUNREACH: .noRoute
    case ETIMEDOUT: .timedOut
    case EMFILE, ENFILE: .tooManyOpenFiles
    default: nil
    }
  }
}

extension ScrapeFailure.TLSFault {
  fileprivate init(_ words: String) {
    self =
      switch HandshakeFault(words) {
      case .untrusted: .untrusted
      case .wantsCertificate: .wantsCertificate
      case .speaksPlaintext: .speaksPlaintext
      case nil: .other(reason: HandshakeFault.reason(words))
      }
  }
}
