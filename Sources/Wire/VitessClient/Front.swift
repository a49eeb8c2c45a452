internal import FleetModel
internal import NIOCore
internal import NIOHTTP1

/// What stands in front of a server, or in its place, as far as an answer over HTTP shows it.
struct Front: Sendable {
  /// Text from outside is cut here.
  private static let textLimit = 100

  private let status: Int
  private let location: String?
  private let wantsCredentials: Bool
  private let encoding: String?
  private let isWebPage: Bool
  private let wantsTLS: Bool

  init(_ answer: HTTPAnswer) {
    status = answer.status
    let headers = answer.headers
    location = headers.first(name: "Location")
    wantsCredentials = headers.contains(name: "WWW-Authenticate")
    encoding = headers.first(name: "Content-Encoding").flatMap {
      ["gzip", "deflate", "identity"].contains($0.lowercased()) ? nil : $0
    }
    let opening = String(
      decoding: answer.body.readableBytesView.prefix(400), as: UTF8.self
    ).lowercased()
    let type = headers.first(name: "Content-Type")?.lowercased() ?? ""
    isWebPage =
      type.hasPrefix("text/html") || opening.drop { $0.isWhitespace }.hasPrefix("<!doctype")
      || opening.drop { $0.isWhitespace }.hasPrefix("<html")
    // As Go's net/http and nginx answer plain HTTP on a port for TLS.
    wantsTLS =
      status == 400
      && (opening.contains("http request to an https server")
        || opening.contains("http request was sent to https port"))
  }

  /// Why the answer is no page of vtgate's or vttablet's; nil when it may be one.
  ///
  /// A redirect to a page of their own is how both answer a path that they do not have.
  func refusal(of path: String) -> ScrapeFailure? {
    if wantsTLS {
      return ScrapeFailure(.notUnderstood, "the port speaks TLS (https), and is asked in plaintext")
    }
    switch status {
    case 200: break
    case 301, 302, 303, 307, 308:
      let place = location.map { " to \($0.prefix(Self.textLimit))" } ?? ""
      return ScrapeFailure(
        .refusedByServer,
        "\(path) answered \(status): a redirect\(place), which is not followed")
    case 401, 407:
      return ScrapeFailure(
        .refusedByServer, "\(path) answered \(status): it wants a name and a password")
    case 403:
      return ScrapeFailure(.refusedByServer, "\(path) answered 403: access is denied")
    case 404:
      return ScrapeFailure(
        .refusedByServer, "\(path) answered 404: another server, or its pages are under a prefix")
    default:
      return ScrapeFailure(.refusedByServer, "\(path) answered \(status)")
    }
    if let encoding {
      return ScrapeFailure(
        .notUnderstood,
        "\(path) is compressed (\(encoding.prefix(Self.textLimit))), which was not asked for")
    }
    if isWebPage {
      return ScrapeFailure(
        .notUnderstood, "\(path) is a web page (HTML): another server, or a front")
    }
    return nil
  }
}

/// What answers on a port that is none for HTTP/1, by its first bytes.
enum ForeignProtocol: Sendable {
  case tls, http2, mysql, ssh

  init?(opening: [UInt8]) {
    switch opening {
    // A record of an alert or of a handshake.
    case _ where opening.count >= 2 && (0x14...0x17).contains(opening[0]) && opening[1] == 3:
      self = .tls
    // A SETTINGS frame of the connection: RFC 9113, section 6.5.
    case _ where opening.count >= 9 && opening[3] == 4 && opening[5..<9].allSatisfy { $0 == 0 }:
      self = .http2
    // Packet 0: a greeting of protocol 10, or an error.
    case _ where opening.count >= 5 && opening[3] == 0 && [0x0A, 0xFF].contains(opening[4]):
      self = .mysql
    case _ where opening.starts(with: Array("SSH-".utf8)): self = .ssh
    default: return nil
    }
  }

  var words: String {
    switch self {
    case .tls: "the port speaks TLS (https), and is asked in plaintext"
    case .http2: "the port speaks HTTP/2, as gRPC does: the web port is wanted"
    case .mysql: "the port speaks MySQL's protocol: the web port is wanted"
    case .ssh: "the port speaks SSH: the web port is wanted"
    }
  }
}
