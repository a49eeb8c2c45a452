/// What a server of the lab answers to one request, as Go's net/http would send it.
struct Page: Sendable {
  var status = 200
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []
  /// A check answers any method with its code, but only GET with the rest.
  private var isForGETOnly = false

  private init(_ status: Int, _ type: String?, _ body: [UInt8]) {
    self.status = status
    self.body = body
    if let type { headers = [("Content-Type", type)] }
  }

  /// `/metrics`; from v22's client library on the content type says how names are escaped.
  static func metrics(_ body: [UInt8], isEscaping: Bool) -> Page {
    Page(
      200,
      "text/plain; version=0.0.4; charset=utf-8" + (isEscaping ? "; escaping=underscores" : ""),
      body)
  }

  static func json(_ text: String, status: Int = 200) -> Page {
    Page(status, "application/json; charset=utf-8", Array(text.utf8))
  }

  static func json(_ body: [UInt8]) -> Page {
    Page(200, "application/json; charset=utf-8", body)
  }

  /// The throttler's pages name no charset.
  static func throttler(_ text: String) -> Page {
    Page(200, "application/json", Array(text.utf8))
  }

  static func check(_ status: Int, _ text: String) -> Page {
    var page = Page(status, "application/json", Array(text.utf8))
    page.isForGETOnly = true
    return page
  }

  static func text(_ text: String) -> Page { Page(200, "text/plain", Array(text.utf8)) }

  static func html(_ text: String) -> Page {
    Page(200, "text/html; charset=utf-8", Array(text.utf8))
  }

  /// Go's `http.Error`.
  static func failure(_ text: String, status: Int = 500) -> Page {
    var page = Page(status, "text/plain; charset=utf-8", Array(text.utf8))
    page.headers.append(("X-Content-Type-Options", "nosniff"))
    return page
  }

  /// What vtgate and vttablet answer on every unknown path.
  static let toStatus: Page = {
    var page = Page(
      302, "text/html; charset=utf-8", Array("<a href=\"/debug/status\">Found</a>.\n\n".utf8))
    page.headers.append(("Location", "/debug/status"))
    return page
  }()

  static let empty = Page(200, nil, [])

  /// The page for a given method: redirects and checks have a body for GET only.
  func asked(by method: String) -> Page {
    guard method != "GET", status == 302 || isForGETOnly else { return self }
    var page = self
    page.body = []
    if isForGETOnly {
      page.headers = []
    } else if method != "HEAD" {
      page.headers.removeAll { $0.name == "Content-Type" }
    }
    return page
  }
}

/// A request's path and query, decoded.
struct RequestTarget: Sendable {
  let path: String
  let query: [(name: String, value: String)]

  init(_ uri: String) {
    let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = Self.decoded(parts[0])
    query =
      parts.count < 2
      ? []
      : parts[1].split(separator: "&").map { pair in
        let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (
          Self.decoded(halves[0], isQuery: true),
          halves.count > 1 ? Self.decoded(halves[1], isQuery: true) : ""
        )
      }
  }

  func value(_ name: String) -> String? { query.first { $0.name == name }?.value }

  private static func decoded(_ text: Substring, isQuery: Bool = false) -> String {
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let high = digit(rest.first),
        let low = digit(rest.dropFirst().first)
      {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(isQuery && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8?) -> UInt8? {
    guard let byte, let value = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
    return UInt8(value)
  }
}
