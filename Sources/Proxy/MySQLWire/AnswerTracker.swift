package import NIOCore

/// Follows a server's answer through its bytes, to know where it ends and how the session stands
/// then.
///
/// It keeps no more of an answer than the first bytes of a packet, so that one of any size passes
/// in constant memory.
///
/// Source: MySQL's reference of its source code, "Text Resultset", "Binary Protocol Resultset",
/// "COM_STMT_PREPARE Response", "EOF_Packet" and "OK_Packet".
package struct AnswerTracker: Sendable {
  /// What an answer looks like, by the command that asked for it.
  package enum Shape: Sendable {
    /// One packet.
    case single
    /// Results of a statement.
    case results
    /// Descriptions of a table's columns.
    case fields
    /// Rows of a cursor, without columns.
    case rows
    case prepared
  }

  private enum Stage: Sendable {
    case start
    /// Column or parameter descriptions that are still to come, then perhaps an end packet.
    case definitions(Int)
    case definitionsEnd
    case rows
    /// Descriptions of as many columns follow those of the parameters.
    case parameters(Int, columns: Int)
    case parametersEnd(columns: Int)
    case columns(Int)
    case columnsEnd
    case done
  }

  /// An OK packet's status stands at most this far in; the whole of a prepared statement's reply.
  private static let headLength = 24

  private let shape: Shape
  private let deprecatesEOF: Bool
  private var stage = Stage.start
  /// Of the frame at hand: what of its header has come.
  private var header: (bytes: UInt32, count: Int) = (0, 0)
  private var bodyLeft = 0
  private var bodyLength = 0
  /// The frame goes on a packet of the longest length, and is not looked at.
  private var isContinuation = false
  private var isOfLongest = false
  private var head = ByteBuffer()

  /// The first error's code, where there was one.
  package private(set) var error: UInt16?
  /// As the last packet that had a status said.
  package private(set) var status: ServerStatus?
  /// The last one that was not 0.
  package private(set) var insertID: UInt64?
  /// How much came behind the end, in bytes: a server that stops says so unasked.
  package private(set) var surplus = 0
  /// The server asked for a file of the client's.
  package private(set) var wantsLocalFile = false

  package init(_ shape: Shape, deprecatesEOF: Bool) {
    self.shape = shape
    self.deprecatesEOF = deprecatesEOF
  }

  package var isDone: Bool {
    if case .done = stage { true } else { false }
  }

  /// Follows more bytes of the answer; throws where they cannot be one.
  package mutating func follow(_ bytes: ByteBuffer) throws(ProtocolViolation) {
    var bytes = bytes
    while bytes.readableBytes > 0 {
      guard !isDone else {
        surplus += bytes.readableBytes
        return
      }
      if bodyLeft == 0, !readHeader(&bytes) { return }
      let part = min(bodyLeft, bytes.readableBytes)
      if !isContinuation, head.readableBytes < Self.headLength {
        let wanted = min(part, Self.headLength - head.readableBytes)
        head.writeBytes(bytes.readableBytesView.prefix(wanted))
      }
      bytes.moveReaderIndex(forwardBy: part)
      bodyLeft -= part
      if bodyLeft == 0 { try endFrame() }
    }
  }

  /// Whether the header is whole and a body follows; a frame without one ends at once.
  private mutating func readHeader(_ bytes: inout ByteBuffer) -> Bool {
    while header.count < 4, let byte = bytes.readInteger(as: UInt8.self) {
      if header.count < 3 { header.bytes |= UInt32(byte) << (8 * header.count) }
      header.count += 1
    }
    guard header.count == 4 else { return false }
    bodyLength = Int(header.bytes)
    bodyLeft = bodyLength
    header = (0, 0)
    isContinuation = isOfLongest
    isOfLongest = bodyLength == PacketReader.longest
    if !isContinuation { head.clear() }
    return true
  }

  private mutating func endFrame() throws(ProtocolViolation) {
    if !isContinuation { try take() }
  }

  /// Takes one packet by its first bytes.
  private mutating func take() throws(ProtocolViolation) {
    guard let first = head.getInteger(at: head.readerIndex, as: UInt8.self) else {
      throw ProtocolViolation("an empty packet in an answer")
    }
    if first == 0xFF { return fail() }
    switch stage {
    case .start: try begin(first)
    case .definitions(let count):
      guard shape != .fields else {
        if isEnd(first) { end(in: head) }
        return
      }
      stage = count > 1 ? .definitions(count - 1) : (deprecatesEOF ? .rows : .definitionsEnd)
    case .definitionsEnd:
      noteEOF()
      // A cursor's rows are fetched later.
      if status?.contains(.cursorExists) == true { return finish() }
      stage = .rows
    case .rows where isEnd(first): end(in: head)
    case .rows: break
    case .parameters(let count, let columns):
      stage =
        count > 1
        ? .parameters(count - 1, columns: columns)
        : (deprecatesEOF ? afterParameters(columns) : .parametersEnd(columns: columns))
    case .parametersEnd(let columns): stage = afterParameters(columns)
    case .columns(let count):
      stage = count > 1 ? .columns(count - 1) : (deprecatesEOF ? .done : .columnsEnd)
    case .columnsEnd: stage = .done
    case .done: break
    }
  }

  private func afterParameters(_ columns: Int) -> Stage {
    columns > 0 ? .columns(columns) : .done
  }

  private mutating func fail() {
    error = error ?? head.getInteger(at: head.readerIndex + 1, endianness: .little)
    stage = .done
  }

  private mutating func begin(_ first: UInt8) throws(ProtocolViolation) {
    switch shape {
    case .single:
      if first == 0 { noteOK() } else if first == 0xFE { noteEOF() }
      stage = .done
    case .prepared: try beginPrepared()
    case .fields:
      stage = .definitions(1)
      if isEnd(first) { end(in: head) }
    case .rows:
      stage = .rows
      if isEnd(first) { end(in: head) }
    case .results:
      switch first {
      case 0:
        noteOK()
        finish()
      case 0xFB:
        wantsLocalFile = true
        stage = .done
      default:
        var head = head
        guard let count = head.readLengthEncoded(), count > 0, count <= 1 << 16 else {
          throw ProtocolViolation("a result with a senseless number of columns")
        }
        stage = .definitions(Int(count))
      }
    }
  }

  private mutating func beginPrepared() throws(ProtocolViolation) {
    guard let reply = PreparedReply(reading: head) else {
      throw ProtocolViolation("a senseless reply to the preparation of a statement")
    }
    stage =
      reply.parameters > 0
      ? .parameters(reply.parameters, columns: reply.columns) : afterParameters(reply.columns)
  }

  /// Whether a packet ends rows: it begins like a row of 16 MiB and more, and is shorter.
  private func isEnd(_ first: UInt8) -> Bool {
    first == 0xFE && (deprecatesEOF ? bodyLength < PacketReader.longest : bodyLength < 9)
  }

  private mutating func end(in head: ByteBuffer) {
    if deprecatesEOF { noteOK() } else { noteEOF() }
    finish()
  }

  /// A result is over; another follows where the server says so.
  private mutating func finish() {
    let hasMore = shape == .results && status?.contains(.moreResults) == true
    stage = hasMore ? .start : .done
  }

  private mutating func noteOK() {
    guard let packet = OKPacket(reading: head) else { return }
    status = packet.status
    if packet.insertID > 0 { insertID = packet.insertID }
  }

  private mutating func noteEOF() {
    // One byte, then the number of warnings.
    status = head.getInteger(at: head.readerIndex + 3, endianness: .little, as: UInt16.self)
      .map(ServerStatus.init)
  }
}

/// What a server says of a statement that it has prepared.
package struct PreparedReply: Sendable, Equatable {
  package let statement: UInt32
  package let columns: Int
  package let parameters: Int

  package init?(reading payload: ByteBuffer) {
    var buffer = payload
    guard buffer.readInteger(as: UInt8.self) == 0,
      let statement = buffer.readInteger(endianness: .little, as: UInt32.self),
      let columns = buffer.readInteger(endianness: .little, as: UInt16.self),
      let parameters = buffer.readInteger(endianness: .little, as: UInt16.self)
    else { return nil }
    self.statement = statement
    self.columns = Int(columns)
    self.parameters = Int(parameters)
  }
}
