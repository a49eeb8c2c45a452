internal import Certificates
package import FleetModel
package import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization
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

/// Connections waiting for their next request, by server.
private final class ConnectionPool: Sendable {
  /// A connection that has been unused for this long is closed, at the latest when as much time has
  /// passed again.
  private static let restTime: Duration = .seconds(30)

  private struct Resting {
    let connection: HTTPConnection
    let since: ContinuousClock.Instant
  }

  private struct Idle {
    var connections: [HTTPOrigin: [Resting]] = [:]
    /// Somebody will look for connections that have been unused for too long.
    var isLookedAfter = false

    mutating func take(_ origin: HTTPOrigin) -> HTTPConnection? {
      guard let last = connections[origin]?.popLast() else { return nil }
      if connections[origin]?.isEmpty == true { connections[origin] = nil }
      return last.connection
    }

    /// Takes out those that have been unused since before an instant.
    mutating func takeUnused(since instant: ContinuousClock.Instant) -> [HTTPConnection] {
      var unused: [HTTPConnection] = []
      for (origin, resting) in connections where resting.contains(where: { $0.since <= instant }) {
        unused += resting.filter { $0.since <= instant }.map(\.connection)
        let used = resting.filter { $0.since > instant }
        connections[origin] = used.isEmpty ? nil : used
      }
      return unused
    }
  }

  private let idle = Mutex(Idle())
  private let access: HTTPAccess

  init(_ access: HTTPAccess) { self.access = access }

  /// Sends a request over an open connection or a new one.
  ///
  /// `mayAskAgain`: a server may close a connection just as the request leaves; the request is then
  /// sent once more over a new one. If false, a new connection is used from the beginning.
  func ask(
    _ request: HTTPRequest, mayAskAgain: Bool
  ) async throws(HTTPFailure) -> HTTPAnswer {
    let end = ContinuousClock.now + request.deadline
    if mayAskAgain, let connection = take(request.origin) {
      do throws(HTTPFailure) {
        return try await send(request, over: connection, until: end)
      } catch {
        guard case .closed(hasBegun: false) = error, !Task.isCancelled else { throw error }
      }
    }
    guard DescriptorRoom.take() else {
      throw .notConnected(IOError(errnoCode: EMFILE, reason: "no descriptor to spare"))
    }
    let connection: HTTPConnection
    do throws(HTTPFailure) {
      connection = try await HTTPConnection.open(
        to: request.origin, access, forLongAnswers: request.isAnswerLong, within: end - .now)
    } catch {
      DescriptorRoom.giveBack()
      throw error
    }
    // Not the request: it holds what its answer was read into, for as long as the connection lives.
    connection.whenClosed { [weak self, weak connection, origin = request.origin] in
      DescriptorRoom.giveBack()
      if let connection { self?.forget(connection, origin) }
    }
    guard !Task.isCancelled else {
      connection.close()
      throw .timedOut
    }
    return try await send(request, over: connection, until: end)
  }

  private func send(
    _ request: HTTPRequest, over connection: HTTPConnection, until end: ContinuousClock.Instant
  ) async throws(HTTPFailure) -> HTTPAnswer {
    do {
      let answer = try await connection.send(request, within: end - .now)
      give(connection, request.origin)
      return answer
    } catch let failure as HTTPFailure {
      throw failure
    } catch {
      throw .broken(error)
    }
  }

  private func take(_ origin: HTTPOrigin) -> HTTPConnection? {
    idle.withLock { idle in
      while let connection = idle.take(origin) {
        if connection.isOpen { return connection }
      }
      return nil
    }
  }

  private func give(_ connection: HTTPConnection, _ origin: HTTPOrigin) {
    guard connection.isOpen else { return }
    let isLookedAfter = idle.withLock { idle in
      idle.connections[origin, default: []].append(Resting(connection: connection, since: .now))
      defer { idle.isLookedAfter = true }
      return idle.isLookedAfter
    }
    if !isLookedAfter { lookAfter() }
  }

  /// Closes what is unused for too long, again and again for as long as any connection waits.
  private func lookAfter() {
    _ = LoopThread.all[0].call(after: Self.restTime) { [weak self] in
      guard let self else { return }
      let (unused, goesOn) = idle.withLock { idle in
        let unused = idle.takeUnused(since: .now - Self.restTime)
        idle.isLookedAfter = !idle.connections.isEmpty
        return (unused, idle.isLookedAfter)
      }
      for connection in unused { connection.close() }
      if goesOn { lookAfter() }
    }
  }

  private func forget(_ connection: HTTPConnection, _ origin: HTTPOrigin) {
    idle.withLock { idle in
      idle.connections[origin]?.removeAll { $0.connection === connection }
      if idle.connections[origin]?.isEmpty == true { idle.connections[origin] = nil }
    }
  }

  func closeAll() {
    let all = idle.withLock { idle in
      defer { idle.connections = [:] }
      return idle.connections.values.joined().map(\.connection)
    }
    for connection in all { connection.close() }
  }
}

extension HTTPFailure {
  fileprivate func failure(
    of path: String, _ deadline: Duration, over access: HTTPAccess
  ) -> ScrapeFailure {
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
