internal import MySQLWire
internal import NIOCore

/// A statement that a client has prepared.
struct PreparedStatement {
  let sql: ByteBuffer
  /// The current one at that time: it is prepared for that.
  let database: String?
  let traits: StatementTraits
  /// Nil where tables have no routes of their own.
  let tables: NamedTables?
  let parameters: Int
  /// As last sent by the client; a server that has not seen them needs them.
  var types: [UInt8]?
  /// Frames of parameters sent ahead of the next execution.
  fileprivate(set) var longData = ByteBuffer()

  /// What keeping it takes, roughly, in bytes.
  fileprivate var size: Int { sql.readableBytes + 64 * (tables?.all.count ?? 0) }
}

/// The statements that a client has prepared, by the proxy's numbers, and what they take.
struct PreparedStatements {
  /// As many as MySQL allows by default.
  private static let most = 16_382
  /// So long may all of them be together, in bytes.
  private static let mostBytes = 16 << 20

  private var all: [UInt32: PreparedStatement] = [:]
  private var bytes = 0
  private var longDataBytes = 0

  subscript(number: UInt32) -> PreparedStatement? { all[number] }

  /// Why there is no room for another; nil where there is.
  func refusal(of sql: ByteBuffer) -> ServerError? {
    guard all.count < Self.most else {
      return ServerError(1461, state: "42000", "Can't create more prepared statements")
    }
    guard bytes + sql.readableBytes <= Self.mostBytes else {
      return ServerError(
        1461, state: "42000",
        "Can't create more prepared statements: those of the session take \(Self.mostBytes >> 20) MiB"
      )
    }
    return nil
  }

  mutating func add(_ statement: PreparedStatement, as number: UInt32) {
    bytes += statement.size
    all[number] = statement
  }

  mutating func close(_ number: UInt32) {
    clearLongData(of: number)
    bytes -= all.removeValue(forKey: number)?.size ?? 0
  }

  mutating func learn(_ types: [UInt8], of number: UInt32) { all[number]?.types = types }

  /// Keeps a parameter that is sent ahead; false where all of them would take more than `limit` bytes.
  mutating func keep(_ payload: ByteBuffer, of number: UInt32, upTo limit: Int) -> Bool {
    guard longDataBytes + payload.readableBytes <= limit else { return false }
    let before = all[number]?.longData.readableBytes ?? 0
    all[number]?.longData.writePacket(payload, sequence: 0)
    longDataBytes += (all[number]?.longData.readableBytes ?? 0) - before
    return true
  }

  mutating func clearLongData(of number: UInt32) {
    longDataBytes -= all[number]?.longData.readableBytes ?? 0
    all[number]?.longData = ByteBuffer()
  }
}
