import MySQLWire
import NIOCore
import TestSupport
import Testing

@Suite struct PacketTests {
  @Test(arguments: [
    0, 1, 250, 70_000, PacketReader.longest - 1, PacketReader.longest,
    PacketReader.longest + 1, 2 * PacketReader.longest,
  ])
  func aPacketComesOutAsItWentIn(_ length: Int) throws {
    let payload = ByteBuffer(repeating: 7, count: length)
    var frames = ByteBuffer()
    frames.writePacket(payload, sequence: 250)
    var reader = PacketReader(limit: 1 << 26)
    let half = frames.readSlice(length: frames.readableBytes / 2)
    reader.append(try #require(half))
    #expect(try reader.next() == nil)
    reader.append(frames)
    let packet = try #require(try reader.next())
    #expect(packet.payload == payload)
    #expect(packet.sequence == UInt8(truncatingIfNeeded: 250 + length / PacketReader.longest))
    #expect(try reader.next() == nil)
    #expect(reader.pending == 0)
  }

  /// A length alone is enough to refuse a packet: nothing is kept of it.
  @Test func tooLongAPacketIsRefusedByItsHeader() {
    var reader = PacketReader(limit: 1000)
    reader.append(ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0]))
    #expect(throws: ProtocolViolation.self) { try reader.next() }
  }

  @Test(arguments: [0, 250, 251, 65_535, 65_536, 16_777_215, 16_777_216, Int.max])
  func numbersComeOutAsTheyWentIn(_ value: Int) {
    var buffer = ByteBuffer()
    buffer.writeLengthEncoded(value)
    #expect(buffer.readLengthEncoded() == UInt64(value))
    #expect(buffer.readableBytes == 0)
  }

  /// A statement that is run again where its parameters' types are not known carries them.
  @Test func typesAreAddedToAnExecution() throws {
    // Two parameters, none NULL, types sent: an integer and a string.
    let first = ByteBuffer(bytes: [
      0x17, 9, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 0, 15, 0, 5, 0, 0, 0, 1, 65,
    ])
    let types = try #require(PreparedExecution(first, parameters: 2)?.types)
    #expect(types == [3, 0, 15, 0])
    let later = ByteBuffer(bytes: [0x17, 9, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 65])
    #expect(PreparedExecution(later, parameters: 2)?.withTypes(types) == first)
    #expect(PreparedExecution(first, parameters: 2)?.withTypes(types) == first)
    #expect(PreparedExecution(ByteBuffer(bytes: [0x17, 9, 0]), parameters: 2) == nil)
    #expect(
      PreparedExecution.renumbered(first, 70_000).getInteger(
        at: 1, endianness: .little, as: UInt32.self) == 70_000)
  }
}
