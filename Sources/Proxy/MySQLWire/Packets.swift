package import NIOCore

/// Bytes of the other side that are not MySQL's protocol.
package struct ProtocolViolation: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// A packet's payload, put together again where it was longer than one frame may be.
package struct Packet: Sendable, Equatable {
  /// Of its last frame; the answer begins with the next number.
  package let sequence: UInt8
  package var payload: ByteBuffer
  /// As it came, frames and all, to be passed on.
  package let bytes: ByteBuffer
}

/// Takes packets out of a stream of bytes.
///
/// Source: MySQL's reference of its source code, "MySQL Packets": three bytes of length, one of
/// sequence, and a payload of 16 MiB - 1 goes on in the next frame.
package struct PacketReader: Sendable {
  package static let longest = 0xFF_FFFF
  /// Of a frame's header, in bytes.
  package static let headerLength = 4

  private var buffer = ByteBuffer()
  /// Of a packet's payload, in bytes.
  package var limit: Int

  package init(limit: Int) { self.limit = limit }

  package mutating func append(_ bytes: ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      // What was taken is let go, once that is more than what has to be moved for it.
      if buffer.readerIndex > buffer.readableBytes { buffer.discardReadBytes() }
      buffer.writeImmutableBuffer(bytes)
    }
  }

  /// What has come and was not taken yet.
  package var pending: Int { buffer.readableBytes }

  /// Gives back what has come but was not taken.
  package mutating func takeRest() -> ByteBuffer {
    defer { buffer = ByteBuffer() }
    return buffer
  }

  /// The next packet that has come whole.
  package mutating func next() throws(ProtocolViolation) -> Packet? {
    var (offset, size) = (buffer.readerIndex, 0)
    while let length = buffer.frameLength(at: offset),
      let sequence = buffer.getInteger(at: offset + 3, as: UInt8.self)
    {
      size += length
      guard size <= limit else { throw ProtocolViolation("a packet of more than \(limit) bytes") }
      guard buffer.writerIndex - offset - 4 >= length else { return nil }
      offset += 4 + length
      if length < Self.longest { return take(upTo: offset, sequence) }
    }
    return nil
  }

  private mutating func take(upTo end: Int, _ sequence: UInt8) -> Packet? {
    guard let whole = buffer.readSlice(length: end - buffer.readerIndex) else { return nil }
    var rest = whole
    var payload: ByteBuffer?
    while let length = rest.frameLength(at: rest.readerIndex) {
      rest.moveReaderIndex(forwardBy: 4)
      guard var part = rest.readSlice(length: length) else { return nil }
      payload?.writeBuffer(&part)
      if payload == nil { payload = part }
    }
    if buffer.readableBytes == 0 { buffer = ByteBuffer() }
    return Packet(sequence: sequence, payload: payload ?? ByteBuffer(), bytes: whole)
  }
}

extension ByteBuffer {
  fileprivate func frameLength(at index: Int) -> Int? {
    guard let low = getInteger(at: index, endianness: .little, as: UInt16.self),
      let high = getInteger(at: index + 2, as: UInt8.self)
    else { return nil }
    return Int(low) | Int(high) << 16
  }

  /// Writes a payload as a packet, in as many frames as it needs; returns the next sequence.
  @discardableResult
  package mutating func writePacket(_ payload: ByteBuffer, sequence: UInt8) -> UInt8 {
    var (rest, sequence) = (payload, sequence)
    while true {
      let length = min(rest.readableBytes, PacketReader.longest)
      writeInteger(UInt16(length & 0xFFFF), endianness: .little)
      writeInteger(UInt8(length >> 16))
      writeInteger(sequence)
      if var part = rest.readSlice(length: length) { writeBuffer(&part) }
      sequence &+= 1
      if length < PacketReader.longest { return sequence }
    }
  }

  /// A number of one to nine bytes; nil when it has not come whole, or is no number.
  package mutating func readLengthEncoded() -> UInt64? {
    guard let first = readInteger(as: UInt8.self) else { return nil }
    switch first {
    case 0...250: return UInt64(first)
    case 252: return readInteger(endianness: .little, as: UInt16.self).map(UInt64.init)
    case 253:
      guard let low = readInteger(endianness: .little, as: UInt16.self),
        let high = readInteger(as: UInt8.self)
      else { return nil }
      return UInt64(low) | UInt64(high) << 16
    case 254: return readInteger(endianness: .little, as: UInt64.self)
    default: return nil
    }
  }

  package mutating func writeLengthEncoded(_ value: Int) {
    switch value {
    case 0...250: writeInteger(UInt8(value))
    case 251...0xFFFF:
      writeInteger(UInt8(252))
      writeInteger(UInt16(value), endianness: .little)
    case 0x1_0000...0xFF_FFFF:
      writeInteger(UInt8(253))
      writeInteger(UInt16(value & 0xFFFF), endianness: .little)
      writeInteger(UInt8(value >> 16))
    default:
      writeInteger(UInt8(254))
      writeInteger(UInt64(value), endianness: .little)
    }
  }

  /// Bytes behind their length; nil when they are not all there.
  package mutating func readLengthEncodedBytes() -> [UInt8]? {
    guard let length = readLengthEncoded(), length <= UInt64(readableBytes) else { return nil }
    return readBytes(length: Int(length))
  }

  package mutating func writeLengthEncodedBytes(_ bytes: [UInt8]) {
    writeLengthEncoded(bytes.count)
    writeBytes(bytes)
  }

  /// Text up to a zero; nil without one.
  package mutating func readZeroTerminated() -> String? {
    guard let end = readableBytesView.firstIndex(of: 0) else { return nil }
    let bytes = readBytes(length: end - readerIndex) ?? []
    moveReaderIndex(forwardBy: 1)
    return String(decoding: bytes, as: UTF8.self)
  }

  package mutating func writeZeroTerminated(_ text: String) {
    writeString(text)
    writeInteger(UInt8(0))
  }
}
