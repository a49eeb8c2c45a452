package import NIOCore

/// What a server says of a session at the end of an answer.
package struct ServerStatus: OptionSet, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let inTransaction = ServerStatus(rawValue: 0x0001)
  package static let autocommit = ServerStatus(rawValue: 0x0002)
  package static let moreResults = ServerStatus(rawValue: 0x0008)
  package static let cursorExists = ServerStatus(rawValue: 0x0040)
  package static let lastRowSent = ServerStatus(rawValue: 0x0080)
  package static let noBackslashEscapes = ServerStatus(rawValue: 0x0200)
}

/// An error as MySQL sends it.
package struct ServerError: Error, Sendable, Equatable, CustomStringConvertible {
  package let code: UInt16
  /// Five characters.
  package let state: String
  package let message: String

  package init(_ code: UInt16, state: String = "HY000", _ message: String) {
    self.code = code
    self.state = state
    self.message = message
  }

  /// Whether the server says that it is about to end.
  package var isOfShutdown: Bool { [1053, 1077, 1079, 3169].contains(code) }

  /// Whether the server refused a write because it is read-only, itself and not the transaction.
  ///
  /// 1290 stands for other options as well, which its text names.
  package var isOfReadOnlyServer: Bool {
    code == 1836 || code == 1290 && message.contains("read-only")
  }

  /// What a packet that holds an error begins with.
  package static let firstByte: UInt8 = 0xFF

  /// The code under which vttablet passes it on.
  ///
  /// Source: go/vt/vttablet/tabletserver/tabletserver.go, `convertErrorCode`, v16 to v22.
  package static func vtrpcCode(of code: UInt16) -> String {
    switch code {
    case 1062, 1586: "ALREADY_EXISTS"
    case 1040, 1203, 1226: "RESOURCE_EXHAUSTED"
    case 1044, 1045, 1142, 1143, 1227, 1370: "PERMISSION_DENIED"
    case 1049, 1051, 1054, 1146, 1305: "NOT_FOUND"
    case 1064, 1366, 1406, 1048, 1264, 1292: "INVALID_ARGUMENT"
    case 1205: "DEADLINE_EXCEEDED"
    case 1213: "ABORTED"
    case 2013: "CANCELED"
    case 1053, 2006: "UNAVAILABLE"
    case 1290, 1836: "CLUSTER_EVENT"
    case 1235, 1047: "UNIMPLEMENTED"
    default: "UNKNOWN"
    }
  }

  package var description: String { "\(message) (errno \(code)) (sqlstate \(state))" }

  package var payload: ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(Self.firstByte)
    buffer.writeInteger(code, endianness: .little)
    buffer.writeString("#" + state)
    buffer.writeString(message)
    return buffer
  }

  /// Reads an error packet; nil when it is none.
  package init?(reading payload: ByteBuffer) {
    var buffer = payload
    guard buffer.readInteger(as: UInt8.self) == Self.firstByte,
      let code = buffer.readInteger(endianness: .little, as: UInt16.self)
    else { return nil }
    self.code = code
    if buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == UInt8(ascii: "#"),
      buffer.readableBytes >= 6
    {
      buffer.moveReaderIndex(forwardBy: 1)
      state = buffer.readString(length: 5) ?? "HY000"
    } else {
      state = "HY000"
    }
    message = String(buffer: buffer)
  }
}

/// The packet that says all is well.
package struct OKPacket: Sendable, Equatable {
  package var affectedRows = 0
  package var insertID: UInt64 = 0
  package var status: ServerStatus

  package init(status: ServerStatus) { self.status = status }

  package var payload: ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(UInt8(0))
    buffer.writeLengthEncoded(affectedRows)
    buffer.writeLengthEncoded(Int(clamping: insertID))
    buffer.writeInteger(status.rawValue, endianness: .little)
    buffer.writeInteger(UInt16(0))
    return buffer
  }

  /// Reads one, or the start of one, whose first byte may be that of an end of rows.
  package init?(reading payload: ByteBuffer) {
    var buffer = payload
    guard buffer.readInteger(as: UInt8.self) != nil, let rows = buffer.readLengthEncoded(),
      let id = buffer.readLengthEncoded(),
      let status = buffer.readInteger(endianness: .little, as: UInt16.self)
    else { return nil }
    affectedRows = Int(clamping: rows)
    insertID = id
    self.status = ServerStatus(rawValue: status)
  }
}

/// The commands that a client's packets begin with.
package enum Command: UInt8, Sendable {
  case quit = 0x01
  case initDB = 0x02
  case query = 0x03
  case fieldList = 0x04
  case statistics = 0x09
  case processKill = 0x0C
  case ping = 0x0E
  case changeUser = 0x11
  case statementPrepare = 0x16
  case statementExecute = 0x17
  case statementSendLongData = 0x18
  case statementClose = 0x19
  case statementReset = 0x1A
  case setOption = 0x1B
  case statementFetch = 0x1C
  case resetConnection = 0x1F
}
