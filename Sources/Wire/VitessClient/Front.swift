internal import FleetModel
internal import NIOCore
internal import NIOHTTP1
internal import Terms

/// What stands in front of a server, or in its place, as far as an HTTP answer shows it.
struct Front: Sendable {
  /// Text from outside is cut here.
  private static let textLimit = 100
  /// How much of a page is searched, in bytes, and how many of its links.
  static let pageLimit = 16_384
  private static let linksLooked = 200

  private let answer: HTTPAnswer
  private let access: HTTPAccess
  /// A proxy that may have answered in the server's place.
  private let proxy: Address?
  /// What the server was sent, and what nothing that it says may show.
  var secrets: Secrets { access.secrets }

  /// Searches nothing until an answer is refused, because this is made for every page of every
  /// poll.
  init(_ answer: HTTPAnswer, over access: HTTPAccess, via proxy: Address?) {
    (self.answer, self.access, self.proxy) = (answer, access, proxy)
  }

  /// Why the answer is not a page of vtgate's or vttablet's; nil when it may be one.
  ///
  /// Both answer a path that they do not have with a redirect to a page of their own.
  func refusal(of path: String) -> ScrapeFailure? {
    switch answer.status {
    case 200: break
    case 301, 302, 303, 307, 308:
      let place = answer.headers.first(name: "Location").map {
        String(secrets.hidden(in: $0).addressWithoutPasswords.prefix(Self.textLimit))
      }
      return .refused(path: path, .redirect(status: answer.status, to: place))
    case 401, 407: return .refused(path: path, .wantsCredentials(status: answer.status))
    case 403: return .refused(path: path, proxy.map { .deniedThrough(proxy: $0) } ?? .denied)
    case 404: return .refused(path: path, .notFound(page))
    case 400 where wantsTLS: return .foreign(.tls)
    // nginx' own statuses for it are 495 and 496, which it sends as 400.
    case let status where [400, 495, 496].contains(status) && wantsCertificate:
      return .unreachable(.tls(access.wantsCertificate))
    default: return .refused(path: path, .status(answer.status))
    }
    if let encoding {
      let words = secrets.hidden(in: encoding).prefix(Self.textLimit)
      return .notUnderstood(path: path, .compressed(String(words)))
    }
    return isWebPage ? .notUnderstood(path: path, .webPage(page)) : nil
  }

  /// Where a redirect leads; nil if the answer is none.
  var location: String? {
    [301, 302, 303, 307, 308].contains(answer.status)
      ? answer.headers.first(name: "Location") : nil
  }

  /// An encoding that was not asked for.
  private var encoding: String? {
    answer.headers.first(name: "Content-Encoding").flatMap {
      ["gzip", "deflate", "identity"].contains($0.lowercased()) ? nil : $0
    }
  }

  var isWebPage: Bool {
    if answer.headers.first(name: "Content-Type")?.lowercased().hasPrefix("text/html") == true {
      return true
    }
    let first = answer.body.readableBytesView.first { ![0x09, 0x0A, 0x0D, 0x20].contains($0) }
    guard first == UInt8(ascii: "<") else { return false }
    let start = opening.drop { $0.isWhitespace }
    return start.hasPrefix("<!doctype") || start.hasPrefix("<html")
  }

  /// How Go's net/http and nginx answer plain HTTP on a TLS port.
  private var wantsTLS: Bool {
    let opening = opening
    return opening.contains("http request to an https server")
      || opening.contains("http request was sent to https port")
  }

  /// How nginx answers a client without a certificate, or with one that it does not trust.
  private var wantsCertificate: Bool {
    let opening = opening
    return opening.contains("no required ssl certificate was sent")
      || opening.contains("the ssl certificate error")
  }

  private var opening: String {
    String(decoding: answer.body.readableBytesView.prefix(400), as: UTF8.self).lowercased()
  }

  /// What the page calls itself, or else the software that says it answered, and the path before
  /// its links to pages of vtgate's or vttablet's: `/vtgate-1`.
  var page: ScrapeFailure.Foreign {
    let bytes = Array(answer.body.readableBytesView.prefix(Self.pageLimit))
    return ScrapeFailure.Foreign(
      name: title(of: bytes) ?? answer.headers.first(name: "Server").flatMap { words($0) },
      prefix: prefix(of: String(decoding: bytes, as: UTF8.self)))
  }

  /// The text between `<title>` and its end.
  private func title(of page: [UInt8]) -> String? {
    let lower = page.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    guard let start = lower.firstRange(of: Array("<title".utf8)),
      let open = lower[start.upperBound...].firstIndex(of: UInt8(ascii: ">")),
      let end = lower[open...].firstRange(of: Array("</title".utf8))
    else { return nil }
    return words(String(decoding: page[(open + 1)..<end.lowerBound], as: UTF8.self))
  }

  /// On one line and not too long; nil when empty.
  private func words(_ text: some StringProtocol) -> String? {
    let words = secrets.hidden(in: String(text)).split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    return words.isEmpty ? nil : String(words.prefix(Self.textLimit))
  }

  private func prefix(of page: String) -> String? {
    for part in page.split(separator: "href=").dropFirst().prefix(Self.linksLooked) {
      guard let quote = part.first, quote == "\"" || quote == "'" else { continue }
      let link = part.dropFirst().prefix { $0 != quote }
      for own in ["/debug/status", "/debug/vars", "/debug/gateway", "/metrics"]
      where link.hasPrefix("/") && link.hasSuffix(own) && link.count > own.count {
        return words(link.dropLast(own.count))
      }
    }
    return nil
  }
}
