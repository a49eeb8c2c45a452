internal import Cutover
internal import NIOCore
internal import PostgresWire
internal import Terms

/// One query to a server on a connection of its own, for what the proxy itself wants to know.
final class PostgresQuery: PostgresLinkOwner {
  struct Failure: Error {
    let message: String
    /// Somebody was there, and refused.
    var hasAnswered = true
  }

  private let promise: EventLoopPromise<[String?]>
  private var row: [String?] = []
  private var error: PostgresError?

  private init(_ promise: EventLoopPromise<[String?]>) { self.promise = promise }

  /// The only row, or the last one, as text, in no more than the door's limit altogether.
  static func row(
    of query: String, in database: String, at door: PostgresDoor, on loop: any EventLoop
  ) async throws(Failure) -> [String?] {
    let promise = loop.makePromise(of: [String?].self)
    loop.execute {
      let patience = Patience(of: door.limit, on: loop) {
        promise.fail(Failure(message: "it did not answer in time", hasAnswered: false))
      }
      promise.futureResult.assumeIsolated().whenComplete { _ in patience.end() }
      PostgresLink.open(
        door, for: .init(database: database, settings: [], readsAll: true), on: loop
      ) { result in
        switch result {
        case .success(let link): PostgresQuery(promise).send(query, over: link)
        case .failure(.unreachable(let why)):
          promise.fail(Failure(message: why, hasAnswered: false))
        case .failure(.refused(let error)), .failure(.unrepeatable(let error)):
          promise.fail(Failure(message: error.message))
        }
      }
    }
    do {
      return try await promise.futureResult.get()
    } catch {
      throw error as? Failure ?? Failure(message: "\(error)", hasAnswered: false)
    }
  }

  private func send(_ query: String, over link: PostgresLink) {
    link.owner = self
    promise.futureResult.assumeIsolated().whenComplete { _ in
      // The link does not hold on to its owner.
      withExtendedLifetime(self) { link.end() }
    }
    link.write(Frame<FrontendKind>(.query) { $0.writeString(query + "\0") }.bytes)
    link.flush()
  }

  func read(_ piece: Frames<BackendKind>.Piece, from link: PostgresLink) {
    guard case .frame(let frame) = piece else { return }
    do {
      switch frame.kind {
      case .dataRow: row = try Self.fields(of: frame.body)
      case .errorResponse: error = try PostgresError(reading: frame.body)
      case .readyForQuery:
        if let error { promise.fail(Failure(message: error.message)) } else { promise.succeed(row) }
      default: break
      }
    } catch {
      promise.fail(error)
    }
  }

  private static func fields(of body: ByteBuffer) throws(ProtocolViolation) -> [String?] {
    var body = body
    let count: UInt16 = body.readInteger() ?? 0
    var fields: [String?] = []
    for _ in 0..<count {
      guard let length: Int32 = body.readInteger() else {
        throw ProtocolViolation("a row is too short")
      }
      fields.append(length < 0 ? nil : body.readString(length: Int(length)))
    }
    return fields
  }

  func readComplete(from link: PostgresLink) {}
  func writabilityChanged(of link: PostgresLink) {}
  func closed(_ link: PostgresLink) {
    promise.fail(Failure(message: "it closed the connection", hasAnswered: false))
  }
}
