import MySQLWire
import NIOCore
import TestSupport
import Testing

/// Where answers end, in whatever pieces they come.
@Suite struct AnswerTrackerTests {
  /// Packets in one stream, numbered from 1.
  private static func stream(_ payloads: [[UInt8]]) -> ByteBuffer {
    var (buffer, sequence) = (ByteBuffer(), UInt8(1))
    for payload in payloads {
      sequence = buffer.writePacket(ByteBuffer(bytes: payload), sequence: sequence)
    }
    return buffer
  }

  private static let ok: [UInt8] = [0, 1, 7, 0x02, 0, 0, 0]
  private static let okWithMore: [UInt8] = [0, 0, 0, 0x0A, 0, 0, 0]
  private static let column: [UInt8] = Array("a column".utf8)
  private static let eof: [UInt8] = [0xFE, 0, 0, 0x03, 0]
  private static let endAsOK: [UInt8] = [0xFE, 0, 0, 0x03, 0, 0, 0]
  private static let row: [UInt8] = [1, 0x31]
  private static let error: [UInt8] = [0xFF, 0x7A, 0x04] + Array("#42S02gone".utf8)

  private static let answers:
    [(shape: AnswerTracker.Shape, deprecatesEOF: Bool, packets: [[UInt8]])] = [
      (.results, false, [ok]),
      (.results, true, [okWithMore, okWithMore, ok]),
      (.results, false, [[2], column, column, eof, row, row, eof]),
      (.results, true, [[2], column, column, row, row, endAsOK]),
      (.results, true, [[1], column, endAsOK]),
      (.results, false, [[1], column, eof, row, error]),
      (.results, false, [error]),
      (.single, false, [ok]),
      (.single, false, [Array("Uptime: 3".utf8)]),
      (.fields, false, [column, column, eof]),
      (.fields, true, [endAsOK]),
      (.rows, false, [row, row, eof]),
      (
        .prepared, false, [[0, 1, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0], column, column, eof, column, eof]
      ),
      (.prepared, true, [[0, 1, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0], column, column, column]),
      (.prepared, false, [[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]),
    ]

  /// An answer is over with its last byte and not before, wherever it is cut.
  @Test(arguments: answers.indices) func itEndsWithItsLastByte(_ index: Int) throws {
    let (shape, deprecatesEOF, packets) = Self.answers[index]
    let stream = Self.stream(packets)
    for cut in 0..<stream.readableBytes {
      var tracker = AnswerTracker(shape, deprecatesEOF: deprecatesEOF)
      try tracker.follow(try #require(stream.getSlice(at: 0, length: cut)))
      #expect(!tracker.isDone, "cut at \(cut)")
      let rest = stream.readableBytes - cut
      try tracker.follow(try #require(stream.getSlice(at: cut, length: rest)))
      #expect(tracker.isDone)
      #expect(tracker.error == (packets.last == Self.error ? 0x047A : nil))
    }
    var tracker = AnswerTracker(shape, deprecatesEOF: deprecatesEOF)
    for byte in stream.readableBytesView { try tracker.follow(ByteBuffer(bytes: [byte])) }
    #expect(tracker.isDone)
  }

  @Test func theServersStatusAndInsertIDAreTakenDown() throws {
    var tracker = AnswerTracker(.results, deprecatesEOF: false)
    try tracker.follow(Self.stream([Self.ok]))
    #expect(tracker.status == .autocommit)
    #expect(tracker.insertID == 7)
    tracker = AnswerTracker(.results, deprecatesEOF: true)
    try tracker.follow(Self.stream([[1], Self.column, Self.row, Self.endAsOK]))
    #expect(tracker.status == [.inTransaction, .autocommit])
  }

  /// A row of 16 MiB and more goes on in frames that may begin with anything.
  @Test func aLongRowIsOneRow() throws {
    let long = [0xFE] + [UInt8](repeating: 0xFF, count: PacketReader.longest + 10)
    let stream = Self.stream([[1], Self.column, long, Self.endAsOK])
    var tracker = AnswerTracker(.results, deprecatesEOF: true)
    try tracker.follow(stream)
    #expect(tracker.isDone)
    #expect(tracker.error == nil)
  }

  /// A server that stops says so behind an answer.
  @Test func whatComesBehindTheEndIsCounted() throws {
    var tracker = AnswerTracker(.results, deprecatesEOF: true)
    try tracker.follow(Self.stream([Self.ok, Self.ok]))
    #expect(tracker.isDone)
    #expect(tracker.surplus == Self.stream([Self.ok]).readableBytes)
  }

  @Test func whatIsNoAnswerIsAViolation() {
    for bytes: [[UInt8]] in [[[]], [[252, 0xFF]]] {
      var tracker = AnswerTracker(.results, deprecatesEOF: true)
      #expect(throws: ProtocolViolation.self) { try tracker.follow(Self.stream(bytes)) }
    }
  }

  /// Nothing that a server sends makes a reader crash.
  @Test func broken() {
    let originals = Self.answers.map { Array(Self.stream($0.packets).readableBytesView) }
    let mutations = Mutations(of: originals, seed: 7)
    for round in 0..<20_000 {
      let bytes = ByteBuffer(bytes: mutations.next())
      for shape: AnswerTracker.Shape in [.results, .prepared, .fields, .rows, .single] {
        var tracker = AnswerTracker(shape, deprecatesEOF: round % 2 == 0)
        _ = try? tracker.follow(bytes)
      }
      _ = try? TextResult(bytes)
      _ = try? Greeting(reading: bytes)
      _ = ServerError(reading: bytes)
    }
  }
}
