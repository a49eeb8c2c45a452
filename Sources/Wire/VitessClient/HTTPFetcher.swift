package import FleetModel
package import NIOCore
package import Terms

/// Keeps all clients together from asking too much.
///
/// The first request of a poll already has permission; each further one needs its own.
package protocol RequestLimit: Sendable {
  /// Takes permission for one request, if there is any.
  func take() -> Bool
  /// Waits until there is permission for one request.
  func wait() async throws
}

/// Fetches pages of Vitess servers over HTTP/1.1, keeping connections for the next request.
///
/// The caller stops what takes too long by cancelling its task.
///
/// A redirect is followed only to the same page of a server that the operator named for that: vtgate and
/// vttablet answer an unknown or removed path with a 302 to their status page, which must not be taken
/// for an answer.
package final class HTTPFetcher: Sendable {
  /// A page whose body has been read completely.
  package struct Page: Sendable {
    package let status: Int
    /// Only its beginning where it was read while it came.
    package let body: ByteBuffer
    fileprivate let front: Front

    /// The body as words to pass on.
    package var text: String {
      hidingSecrets(in: String(decoding: body.readableBytesView, as: UTF8.self))
    }

    /// Words that the body holds, without what the server was sent to say who asks.
    package func hidingSecrets(in words: String) -> String { front.secrets.hidden(in: words) }

    /// Whose page it is, where it is one for people; nil where it is none.
    var webPage: ScrapeFailure.Foreign? { front.isWebPage ? front.page : nil }

    /// Why the answer is not the page that was asked for; nil when it may be it.
    package func refusal(of path: String) -> ScrapeFailure? { front.refusal(of: path) }

    /// The server that a redirect leads to, if it leads to the same page there.
    fileprivate func redirect(of path: String) -> Address? {
      guard let url = front.location, url.hasSuffix(path) else { return nil }
      let place = url.dropLast(path.utf8.count)
      return place.hasPrefix("http") ? Address(String(place)) : nil
    }

    /// The server does not have the path: vtgate and vttablet redirect to their status page
    /// instead.
    var isElsewhere: Bool { (300..<400).contains(status) || status == 404 }

    /// From this length on a body is long, in bytes: decoding JSON of that length takes a few
    /// milliseconds.
    package static let longLength = 128 * 1024

    /// Reads the body: a short one at once, where it has come; a long one on a thread of the pool,
    /// at the same time as others, so that no other answer waits for it.
    package func read<Value: Sendable>(
      _ decode: @escaping @Sendable (ByteBuffer) throws(ScrapeFailure) -> Value
    ) async throws(ScrapeFailure) -> Value {
      guard body.readableBytes >= Self.longLength else { return try decode(body) }
      return try await withTaskExecutorPreference(globalConcurrentExecutor) {
        () async throws(ScrapeFailure) -> Value in
        try await Self.decoded(body, decode)
      }
    }

    @concurrent private static func decoded<Value: Sendable>(
      _ body: ByteBuffer, _ decode: @Sendable (ByteBuffer) throws(ScrapeFailure) -> Value
    ) async throws(ScrapeFailure) -> Value {
      try decode(body)
    }
  }

  /// The longest body that is read, in bytes.
  ///
  /// `/debug/gateway` has about 700 bytes a tablet, `/metrics` of a vtgate 2 kB a shard.
  static let bodyLimit = 16 * 1024 * 1024

  /// An answer that keeps coming may take this many times the deadline: it may be this side that is slow.
  package static let patience = 5

  let tabletLists = SharedTabletLists()
  let series = SharedSeries()
  private let pool: ConnectionPool
  private let deadline: Duration
  private let limit: (any RequestLimit)?
  let access: HTTPAccess

  /// `deadline`: how long a server may send nothing when it is asked.
  package init(
    deadline: Duration = .seconds(2), limit: (any RequestLimit)? = nil, _ access: HTTPAccess = .open
  ) {
    self.deadline = deadline
    self.limit = limit
    self.access = access
    pool = ConnectionPool(access)
  }

  package func shutdown() async { pool.closeAll() }

  /// Keeps nothing any more of a server that is not asked again; its connections close by themselves.
  package func forget(_ server: Address) { tabletLists.forget(server) }

  /// Takes permission for a request that could just as well be made another time.
  func mayAskMore() -> Bool { limit?.take() ?? true }

  /// Waits for permission for a further request of a poll.
  func waitToAskMore() async throws(ScrapeFailure) {
    guard let limit else { return }
    do { try await limit.wait() } catch { throw timedOut }
  }

  private var timedOut: ScrapeFailure {
    .noAnswer(within: deadline)
  }

  /// Reads a whole page.
  package func page(
    _ path: String, of target: Target
  ) async throws(ScrapeFailure) -> Page {
    try await page(path, of: target, reader: nil)
  }

  /// Reads a whole page, of which somebody else reads the body if it is a good answer's.
  func page(
    _ path: String, of target: Target, reader: (any BodyReader)?
  ) async throws(ScrapeFailure) -> Page {
    try await page(
      path, at: target.address, isLong: target.kind.role == .gate, reader: reader)
  }

  /// Reads a whole page of a server, whatever it is.
  package func page(
    _ path: String, at address: Address, isLong: Bool
  ) async throws(ScrapeFailure) -> Page {
    try await page(path, at: address, isLong: isLong, reader: nil)
  }

  private func page(
    _ path: String, at address: Address, isLong: Bool, reader: (any BodyReader)?
  ) async throws(ScrapeFailure) -> Page {
    let page = try await answer(path, at: address, isLong: isLong, reader)
    guard let place = page.redirect(of: path), access.mayFollow(to: place) else { return page }
    return try await answer(path, at: place, isLong: isLong, reader)
  }

  private func answer(
    _ path: String, at address: Address, isLong: Bool, _ reader: (any BodyReader)?
  ) async throws(ScrapeFailure) -> Page {
    let request = HTTPRequest(
      origin: HTTPOrigin(address), path: address.prefix + path,
      headers: access.headers(for: address), takesGzip: access.takesGzip,
      deadline: deadline, patience: Self.patience, limit: Self.bodyLimit, isAnswerLong: isLong,
      reader: reader)
    do throws(HTTPFailure) {
      return Page(
        try await pool.ask(request, mayAskAgain: true), over: access, from: request.origin)
    } catch {
      // However the cancelled request reports it, its time was up.
      throw Task.isCancelled ? timedOut : error.failure(of: path, deadline, over: access)
    }
  }

  /// Makes one call that is never repeated: by POST with a body, else by GET.
  ///
  /// `server`: the one of the fleet's that the URL belongs to, if any.
  package func call(
    _ url: String, to server: Address? = nil, body: String?, within deadline: Duration
  ) async throws(CallFailure) -> Page {
    guard let place = HTTPPlace(url) else {
      throw CallFailure(.unreachable, .url(url), .noURL)
    }
    let request = HTTPRequest(
      origin: place.origin, path: place.path, body: body,
      headers: server.map { access.headers(for: $0) } ?? [], deadline: deadline,
      limit: Self.bodyLimit)
    do throws(HTTPFailure) {
      return Page(
        try await pool.ask(request, mayAskAgain: false), over: access, from: request.origin)
    } catch {
      var kind = CallFailure.Kind.lost
      switch error {
      case .notConnected, .noWay: kind = .unreachable
      default: break
      }
      throw CallFailure(kind, .url(url), .page(error.failure(of: url, deadline, over: access)))
    }
  }
}

extension HTTPFetcher.Page {
  init(_ answer: HTTPAnswer, over access: HTTPAccess, from origin: HTTPOrigin) {
    status = answer.status
    body = answer.body
    // Over TLS a proxy cannot answer in a server's place.
    let proxy = origin.isSecure ? nil : access.proxies.proxy(to: origin.address)
    front = Front(answer, over: access, via: proxy?.address)
  }
}

/// The parts of a URL that make up a request.
private struct HTTPPlace {
  let origin: HTTPOrigin
  let path: String

  init?(_ url: String) {
    let isSecure = url.hasPrefix("https://")
    guard isSecure || url.hasPrefix("http://") else { return nil }
    let rest = url.dropFirst(isSecure ? 8 : 7)
    let authority = rest.prefix { $0 != "/" }
    let fallback =
      authority.contains(":") && !authority.hasSuffix("]") ? "" : isSecure ? ":443" : ":80"
    guard let address = Address(authority + fallback) else { return nil }
    origin = HTTPOrigin(host: address.host, port: address.port, isSecure: isSecure)
    let path = rest.dropFirst(authority.count)
    // Characters that would end a request line have no place in one.
    guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    self.path = path.isEmpty ? "/" : String(path)
  }
}
