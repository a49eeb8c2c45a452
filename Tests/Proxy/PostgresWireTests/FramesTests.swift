import NIOCore
import PostgresWire
import TestSupport
import Testing

@Suite struct FramesTests {
  @Test(arguments: Conversation.allCases)
  func howBytesArriveChangesNothing(_ conversation: Conversation) throws {
    var whole = Frames<BackendKind>(limit: 10_000)
    let expected = try whole.pieces(of: conversation.server) { .max }
    #expect(Frames<BackendKind>.bytes(expected).elementsEqual(conversation.server))
    var dice = Dice(1)
    for _ in 0..<50 {
      var frames = Frames<BackendKind>(limit: 10_000)
      let pieces = try frames.pieces(of: conversation.server) { .random(in: 1...40, using: &dice) }
      #expect(Frames<BackendKind>.bytes(pieces).elementsEqual(conversation.server))
      #expect(Frames<BackendKind>.frames(pieces) == Frames<BackendKind>.frames(expected))
    }
  }

  @Test(arguments: Conversation.allCases)
  func aClientsMessagesAreTakenApart(_ conversation: Conversation) throws {
    var frames = Frames<FrontendKind>(limit: 10_000)
    let pieces = try frames.pieces(of: conversation.messages) { 7 }
    #expect(Frames<FrontendKind>.bytes(pieces).elementsEqual(conversation.messages))
    let kinds = Frames<FrontendKind>.frames(pieces).map(\.kind)
    #expect(kinds.prefix(2) == [.password, .password])
    #expect(kinds.last == .terminate)
    #expect(kinds.contains(conversation == .psql ? .query : .execute))
  }

  /// A row of a gigabyte passes as it comes, and nothing of it stays.
  @Test func whatNobodyReadsIsNotHeld() throws {
    var frames = Frames<BackendKind>(limit: 100)
    var head = ByteBuffer()
    head.writeInteger(BackendKind.dataRow.rawValue)
    head.writeInteger(UInt32(4 + 1_000_000_000))
    frames.take(&head)
    #expect(try frames.next() == .passage(ByteBuffer(bytes: [0x44, 0x3B, 0x9A, 0xCA, 0x04])))
    for _ in 0..<1_000 {
      var chunk = ByteBuffer(repeating: 0, count: 1_000_000)
      frames.take(&chunk)
      guard case .passage(let bytes) = try frames.next() else { return #expect(Bool(false)) }
      #expect(bytes.readableBytes == 1_000_000)
      #expect(frames.heldBytes == 0)
    }
    var next = message(BackendKind.readyForQuery) { $0.writeString("I") }.bytes
    frames.take(&next)
    guard case .frame(let frame) = try frames.next() else { return #expect(Bool(false)) }
    #expect(frame.kind == .readyForQuery)
  }

  @Test(arguments: [0, 3, 101, 0x7FFF_FFFF, UInt32.max])
  func anImpossibleOrOverlongLengthEndsIt(_ length: UInt32) {
    var frames = Frames<FrontendKind>(limit: 100)
    var bytes = ByteBuffer(integer: FrontendKind.query.rawValue)
    bytes.writeInteger(length)
    frames.take(&bytes)
    #expect(throws: ProtocolViolation.self) { try frames.next() }
  }

  @Test func anUnknownTypeEndsIt() {
    var frames = Frames<FrontendKind>(limit: 100)
    var bytes = ByteBuffer(bytes: [0xFF])
    frames.take(&bytes)
    #expect(throws: ProtocolViolation("there is no message of type 255")) { try frames.next() }
  }

  /// Whatever comes, nothing is made up, and no more is held than the limit and what came last.
  @Test func brokenBytesDoNoHarm() throws {
    let mutations = Mutations(of: Conversation.allCases.map(\.server), seed: 3)
    var dice = Dice(4)
    for _ in 0..<3_000 {
      let bytes = mutations.next()
      var frames = Frames<BackendKind>(limit: 500)
      var given: [UInt8] = []
      var rest = bytes[...]
      do throws(ProtocolViolation) {
        while !rest.isEmpty {
          var chunk = ByteBuffer(bytes: rest.prefix(.random(in: 1...200, using: &dice)))
          rest = rest.dropFirst(chunk.readableBytes)
          frames.take(&chunk)
          while let piece = try frames.next() { given += Frames<BackendKind>.bytes([piece]) }
          #expect(frames.heldBytes <= 700)
        }
      } catch {
        #expect(!error.message.isEmpty)
      }
      #expect(bytes.starts(with: given))
    }
  }
}

@Suite struct PostgresErrorTests {
  @Test func aRecordedErrorIsRead() throws {
    var frames = Frames<BackendKind>(limit: 10_000)
    let errors = Frames<BackendKind>.frames(
      try frames.pieces(of: Conversation.psql.server) { .max }
    ).filter { $0.kind == .errorResponse }
    let error = try PostgresError(reading: try #require(errors.first).body)
    #expect(error == PostgresError(.error, .init(rawValue: "22012"), "division by zero"))
  }

  @Test func whatIsWrittenIsRead() throws {
    let error = PostgresError(
      .fatal, .adminShutdown, "the server goes away", detail: "for good", hint: "come again")
    var frames = Frames<BackendKind>(limit: 1_000)
    let frame = Frames<BackendKind>.frames(
      try frames.pieces(of: Array(buffer: error.bytes)) { .max })
    #expect(try PostgresError(reading: try #require(frame.first).body) == error)
  }
}
