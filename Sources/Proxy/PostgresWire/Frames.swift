package import NIOCore

/// Takes one direction of a connection apart into messages, after the startup.
///
/// What has to be read comes out whole; of the rest comes out what has arrived, many messages or a
/// piece of one, so that a row of any length passes in constant memory. The owner takes pieces
/// until there is none, and gives no more bytes before that.
package struct Frames<Kind: MessageKind>: Sendable {
  package enum Piece: Sendable, Equatable {
    case frame(Frame<Kind>)
    /// Bytes of messages that nobody reads, to be passed on as they are.
    case passage(ByteBuffer)
  }

  /// Postgres takes no longer message, in bytes.
  private static var longestMessage: Int { 0x3FFF_FFFF }

  /// The longest message that is held whole, in bytes, without its type.
  private let limit: Int
  private let readsAll: Bool
  private var buffer = ByteBuffer()
  /// How much of a message that nobody reads is still to come.
  private var passing = 0

  /// `readsAll`: nothing passes, for whoever reads rows too.
  package init(limit: Int, readsAll: Bool = false) {
    self.limit = limit
    self.readsAll = readsAll
  }

  /// Bytes that have come and have not been given out.
  package var heldBytes: Int { buffer.readableBytes }

  /// Amid a message that passes: not all of it has come.
  package var isPassing: Bool { passing > 0 }

  package mutating func take(_ bytes: inout ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      buffer.discardReadBytes()
      buffer.writeBuffer(&bytes)
    }
  }

  /// Nil: more has to come first.
  package mutating func next() throws(ProtocolViolation) -> Piece? { try advance() }

  private mutating func advance() throws(ProtocolViolation) -> Piece? {
    var passage = passOver(from: buffer.readerIndex)
    while passing == 0, let (kind, length) = try header(at: buffer.readerIndex + passage) {
      if !kind.isRead, !readsAll {
        passing = 1 + length
        passage += passOver(from: buffer.readerIndex + passage)
      } else if passage > 0 {
        break
      } else {
        guard length <= limit else {
          throw ProtocolViolation("a message is longer than the \(limit) bytes allowed")
        }
        return buffer.readSlice(length: 1 + length).map { .frame(Frame(kind: kind, bytes: $0)) }
      }
    }
    if passage > 0 { return buffer.readSlice(length: passage).map { .passage($0) } }
    // Many connections are silent at a time: what they have read is not kept.
    if buffer.readableBytes == 0 { buffer = ByteBuffer() }
    return nil
  }

  /// Takes back everything that has not been given out, for whom takes over the connection.
  package mutating func drain() -> ByteBuffer {
    defer { buffer.clear() }
    return buffer
  }

  /// How many bytes from here on belong to the message that is passing.
  private mutating func passOver(from index: Int) -> Int {
    let count = min(passing, buffer.writerIndex - index)
    passing -= count
    return count
  }

  private func header(at index: Int) throws(ProtocolViolation) -> (kind: Kind, length: Int)? {
    guard let type: UInt8 = buffer.getInteger(at: index) else { return nil }
    guard let kind = Kind(rawValue: type) else {
      throw ProtocolViolation("there is no message of type \(type)")
    }
    guard let length: UInt32 = buffer.getInteger(at: index + 1) else { return nil }
    guard length >= 4, length <= Self.longestMessage else {
      throw ProtocolViolation("a message has an impossible length")
    }
    return (kind, Int(length))
  }
}

// The same for either side: every message comes by here, from another module, where what is generic goes
// by types that are found as it runs.
extension Frames where Kind == FrontendKind {
  package mutating func next() throws(ProtocolViolation) -> Piece? { try advance() }
}

extension Frames where Kind == BackendKind {
  package mutating func next() throws(ProtocolViolation) -> Piece? { try advance() }
}

/// One whole message.
package struct Frame<Kind: MessageKind>: Sendable, Equatable {
  package let kind: Kind
  /// As it stands on the wire: type, length, body.
  package let bytes: ByteBuffer

  init(kind: Kind, bytes: ByteBuffer) {
    self.kind = kind
    self.bytes = bytes
  }

  /// `body` writes what stands behind the length.
  package init(_ kind: Kind, _ body: (inout ByteBuffer) -> Void = { _ in }) {
    var bytes = ByteBuffer()
    bytes.write(kind, body)
    self.init(kind: kind, bytes: bytes)
  }

  package var body: ByteBuffer {
    var body = bytes
    body.moveReaderIndex(forwardBy: 5)
    return body
  }
}

extension ByteBuffer {
  /// Writes one message; `body` writes what stands behind the length.
  package mutating func write<Kind: MessageKind>(
    _ kind: Kind, _ body: (inout ByteBuffer) -> Void = { _ in }
  ) {
    writeInteger(kind.rawValue)
    writeWithLength(body)
  }

  /// Writes a length of four bytes that counts itself and what `body` writes.
  mutating func writeWithLength(_ body: (inout ByteBuffer) -> Void) {
    let start = writerIndex
    writeInteger(UInt32(0))
    body(&self)
    setInteger(UInt32(writerIndex - start), at: start)
  }

  /// Writes a string and the zero that ends it; a zero inside would end it early and is left out.
  mutating func writeTerminated(_ string: String) {
    writeString(string.utf8.contains(0) ? String(string.filter { $0 != "\0" }) : string)
    writeInteger(UInt8(0))
  }

  /// Reads a string up to the zero that ends it.
  mutating func readTerminated() throws(ProtocolViolation) -> String {
    guard let string = readNullTerminatedString() else {
      throw ProtocolViolation("a string in a message has no end")
    }
    return string
  }
}
