import FleetModel
import Terms
import TestSupport
import Testing
import VtctldClient

/// HTTP/2's frames as no server should send them (RFC 9113, section 4.1).
private func frame(
  _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 1, _ payload: [UInt8] = []
) -> [UInt8] {
  let (length, number) = (UInt32(payload.count), stream)
  return [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
    + big(number) + payload
}

private func big(_ number: UInt32) -> [UInt8] {
  [
    UInt8(number >> 24), UInt8(number >> 16 & 0xFF), UInt8(number >> 8 & 0xFF),
    UInt8(number & 0xFF),
  ]
}

private func setting(_ id: UInt8, _ value: UInt32) -> [UInt8] { [0, id] + big(value) }

/// A header that is neither in HPACK's tables nor compressed (RFC 7541, section 6.2.3).
private func header(_ name: String, _ value: String) -> [UInt8] {
  header(Array(name.utf8), Array(value.utf8))
}

private func header(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
  [0x10] + length(name.count) + name + length(value.count) + value
}

private func length(_ count: Int) -> [UInt8] {
  guard count >= 127 else { return [UInt8(count)] }
  var (bytes, rest): ([UInt8], Int) = ([127], count - 127)
  while rest >= 128 {
    bytes.append(UInt8(rest % 128) | 128)
    rest /= 128
  }
  return bytes + [UInt8(rest)]
}

private let ok = header(":status", "200") + header("content-type", "application/grpc")
/// HEADERS with END_HEADERS: what an answer begins with.
private let opening = frame(1, flags: 4, ok)
/// Trailers with END_STREAM.
private func trailers(_ headers: [UInt8]) -> [UInt8] { frame(1, flags: 5, headers) }
private func message(_ bytes: [UInt8], flag: UInt8 = 0, claims: UInt32? = nil) -> [UInt8] {
  frame(0, [flag] + big(claims ?? UInt32(bytes.count)) + bytes)
}
private let done = trailers(header("grpc-status", "0"))

private struct Case {
  let name: String
  let bytes: [UInt8]

  init(_ name: String, _ bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
}

/// A vtctld that says whatever it likes, or somebody in between: no byte ends the program.
///
/// Read for preconditions and unwrapped optionals that bytes can reach: swift-nio-http2 1.46.0's frame
/// parser and the states that receive, its HPACK decoder, encoder and integers, and how the client's
/// side of the stream state machine takes headers in grpc-swift-nio-transport 2.9.2. The rest of both,
/// grpc-swift-2 2.4.3 with its load balancers, swift-protobuf 1.39.0 and zlib were only exercised.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostilePeerTests {
  private static let frames: [Case] = [
    Case("settings on a stream", frame(4, stream: 1, setting(3, 1))),
    Case("settings of five bytes", frame(4, stream: 0, [0, 1, 0, 0, 0])),
    Case(
      "an acknowledgement of nothing", frame(4, flags: 1, stream: 0) + frame(4, flags: 1, stream: 0)
    ),
    Case("an acknowledgement with a body", frame(4, flags: 1, stream: 0, setting(1, 1))),
    Case("a table of four gigabytes", frame(4, stream: 0, setting(1, .max))),
    Case("a table of nothing, then of all", frame(4, stream: 0, setting(1, 0) + setting(1, .max))),
    Case("a push that is neither on nor off", frame(4, stream: 0, setting(2, 2))),
    Case("no streams", frame(4, stream: 0, setting(3, 0))),
    Case("a window beyond 31 bits", frame(4, stream: 0, setting(4, .max))),
    Case("a window of 2^31", frame(4, stream: 0, setting(4, 0x8000_0000))),
    Case(
      "the largest window, twice as it were",
      frame(4, stream: 0, setting(4, 0x7FFF_FFFF)) + frame(8, big(0x7FFF_FFFF))),
    Case(
      "a window that shrinks below nothing",
      frame(4, stream: 0, setting(4, 0x7FFF_FFFF) + setting(4, 0))),
    Case("frames of nothing", frame(4, stream: 0, setting(5, 0))),
    Case("frames beyond 24 bits", frame(4, stream: 0, setting(5, .max))),
    Case("no room for headers", frame(4, stream: 0, setting(6, 0))),
    Case("a setting of nobody", frame(4, stream: 0, [0xFF, 0xFF] + big(.max))),
    Case("extended CONNECT on and off", frame(4, stream: 0, setting(8, 1) + setting(8, 0))),
    Case("extended CONNECT of two", frame(4, stream: 0, setting(8, 2))),
    Case("a window that grows by nothing", frame(8, stream: 0, big(0)) + frame(8, big(0))),
    Case(
      "a window that outgrows", frame(8, stream: 0, big(0x7FFF_FFFF)) + frame(8, big(0x7FFF_FFFF))),
    Case("a window of three bytes", frame(8, [0, 0, 1])),
    Case("a window of a stream of nobody", frame(8, stream: 99, big(1))),
    Case("data on no stream", frame(0, stream: 0, [1])),
    Case("data on a stream of nobody", frame(0, stream: 77, [1])),
    Case("data before headers", message([])),
    Case("data with padding of nothing", opening + frame(0, flags: 8)),
    Case("data of nothing but padding", opening + frame(0, flags: 8, [0])),
    Case("data with more padding than there is", opening + frame(0, flags: 8, [200, 1])),
    Case("data that ends in padding", opening + frame(0, flags: 9, [3, 1, 0, 0, 0])),
    Case("data after the end", opening + message([]) + done + message([]) + message([])),
    Case("headers on no stream", frame(1, flags: 4, stream: 0, ok)),
    Case("headers on the server's stream", frame(1, flags: 4, stream: 2, ok)),
    Case("headers on a stream of nobody", frame(1, flags: 4, stream: 9, ok)),
    Case("headers with half a priority", frame(1, flags: 0x24, [0, 0])),
    Case("headers that wait for themselves", frame(1, flags: 0x24, big(1) + [0] + ok)),
    Case("headers with padding of nothing", frame(1, flags: 0x0C)),
    Case("headers with more padding than there is", frame(1, flags: 0x0C, [255] + ok)),
    Case(
      "headers with padding and a continuation",
      frame(1, flags: 8, [2] + ok + [0, 0]) + frame(9, flags: 4, header("a", "b")) + done),
    Case("no headers", frame(1, flags: 4)), Case("no headers at the end", frame(1, flags: 5)),
    Case("a continuation of nothing", frame(9, flags: 4, ok)),
    Case("a continuation of another stream", frame(1, ok) + frame(9, flags: 4, stream: 3, ok)),
    Case("another frame in between", frame(1, ok) + frame(6, stream: 0, big(0) + big(0))),
    Case(
      "continuations without end",
      frame(1, ok) + (0..<2000).flatMap { _ in frame(9, header("a", "b")) }),
    Case(
      "headers beyond every list",
      frame(1, ok)
        + (0..<4).flatMap { _ in frame(9, header("a", String(repeating: "b", count: 16_000))) }),
    Case("a promise", frame(5, flags: 4, big(2) + ok)),
    Case("a promise of no stream", frame(5, flags: 4, big(0) + ok)),
    Case("a promise of half a number", frame(5, flags: 4, [0, 0])),
    Case("a promise of the client's stream", frame(5, flags: 4, big(1) + ok)),
    Case("a reset of no stream", frame(3, stream: 0, big(0))),
    Case("a reset of a stream of nobody", frame(3, stream: 55, big(0))),
    Case("a reset of three bytes", frame(3, [0, 0, 0])),
    Case("a reset with a code of nobody", frame(3, big(.max))),
    Case("a reset before and after", frame(3, big(0)) + frame(3, big(0)) + opening),
    Case("a ping of seven bytes", frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7])),
    Case("a ping on a stream", frame(6, [1, 2, 3, 4, 5, 6, 7, 8])),
    Case("an answer to no ping", frame(6, flags: 1, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8])),
    Case(
      "a thousand pings",
      (0..<1000).flatMap { _ in frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8]) }),
    Case("a farewell to nobody", frame(7, stream: 0, big(0) + big(0))),
    Case(
      "a farewell that grows",
      frame(7, stream: 0, big(1) + big(0)) + frame(7, stream: 0, big(.max) + big(.max))),
    Case("half a farewell", frame(7, stream: 0, big(1))),
    Case("a farewell on a stream", frame(7, big(1) + big(0))),
    Case(
      "a farewell for too many pings",
      frame(7, stream: 0, big(1) + big(11) + Array("too_many_pings".utf8))),
    Case("a farewell that is no text", frame(7, stream: 0, big(1) + big(2) + [0xFF, 0xFE])),
    Case("a priority of four bytes", frame(2, [0, 0, 0, 1])),
    Case("a priority over itself", frame(2, big(1) + [0])),
    Case("another service", frame(0xA, stream: 0, [0, 3] + Array("a.bh2".utf8))),
    Case("half another service", frame(0xA, stream: 0, [0])),
    Case("another service beyond its frame", frame(0xA, stream: 0, [0xFF, 0xFF, 1])),
    Case("origins", frame(0xC, stream: 0, [0, 1, 97, 0, 9, 97])),
    Case("a frame of nobody", frame(0xEE, flags: 0xFF, [1, 2, 3])),
    Case("a frame that never ends", [0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1, 1, 2, 3]),
    Case("headers that never end", [0xFF, 0xFF, 0xFF, 1, 4, 0, 0, 0, 1, 1, 2, 3]),
  ]

  /// What stands in a failure reaches the audit log, recordings and hooks.
  @Test func aRefusalThatQuotesThePasswordIsToldWithoutIt() async throws {
    let quote = header("grpc-status", "16") + header("grpc-message", "joe with s3cret-4f1c? No")
    let peer = try await HTTP2Peer(answer: trailers(ok + quote))
    let credentials = try #require(
      VtctldAccess.Credentials(#"{"Username": "joe", "Password": "s3cret-4f1c"}"#))
    let access = VtctldAccess(
      servers: [Address(host: "127.0.0.1", port: peer.port)], credentials: credentials)
    let failure = await #expect(throws: CallFailure.self) {
      _ = try await VtctldClient(access).keyspaces()
    }
    #expect(failure?.said.contains("joe with (hidden)? No") == true, "\(failure?.said ?? "")")
    await peer.stop()
  }

  private static let hpack: [Case] = [
    Case("index 0", [0x80]), Case("an index beyond the tables", [0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
    Case("an index that never ends", [0xFF] + [UInt8](repeating: 0xFF, count: 40)),
    Case("a number beyond 64 bits", [0xFF] + [UInt8](repeating: 0xFF, count: 8) + [0x7F]),
    Case("half a number", [0x7F, 0x80]),
    Case("a table beyond what was allowed", [0x3F, 0xE1, 0xFF, 0x7F]),
    Case("a table in the middle", ok + [0x20]), Case("three tables", [0x20, 0x20, 0x20] + ok),
    Case("a table beyond 63 bits", [0x3F] + [UInt8](repeating: 0xFF, count: 8) + [0x7F]),
    Case("a name of nothing", header("", "a")), Case("a value of nothing", ok + header("a", "")),
    Case("a name beyond its frame", [0x10, 0x7E, 97]),
    Case("a value beyond its frame", [0x10, 1, 97, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]),
    Case("a name that is no ASCII", ok + header([0xC3, 0xA9], [0xC3, 0xA9])),
    Case("a name that is no text", ok + header([0xFF, 0xFE], [0xFF, 0xFE])),
    Case("a name with a zero", ok + header([97, 0], [0, 13, 10])),
    Case("a name in capitals", ok + header("A-Name", "v")),
    Case("a name of a colon", ok + header(":", "v")),
    Case("a pseudo-header of nobody", ok + header(":x", "v")),
    Case("a request's pseudo-header", ok + header(":path", "/")),
    Case("a pseudo-header at the end", header("a", "b") + ok),
    Case("connection headers", ok + header("connection", "close") + header("te", "x")),
    Case("a code that is no Huffman code", [0x10, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 1, 97]),
    Case("a Huffman code of 8 bits of padding", [0x10, 0x82, 0x1F, 0xFF, 1, 97]),
    Case(
      "an indexed entry beyond the table",
      [0x40] + length(1) + [97] + length(5000)
        + [UInt8](repeating: 98, count: 5000) + [0xBE]),
    Case("no status", header("content-type", "application/grpc")),
    Case("two statuses", header(":status", "200") + ok),
  ]

  private static let values: [Case] =
    ["", "0", "20", "99", "1000", "-200", "2x0", "99999999999999999999"].map {
      Case("the status '\($0)'", header(":status", $0) + header("content-type", "application/grpc"))
    }
  private static let statuses: [Case] =
    ["100", "103", "199", "204", "304", "404", "503", "600"].map {
      Case("the status \($0)", header(":status", $0))
    }
  private static let lengths: [Case] =
    ["-1", "+1", "1.5", "x", "", "99999999999999999999", "0"].map {
      Case("the length '\($0)'", ok + header("content-length", $0))
    }
  private static let types: [Case] =
    ["", "text/html", "application/grpc+", "application/grpc; x", "application/grpcx"].map {
      Case("the type '\($0)'", header(":status", "200") + header("content-type", $0))
    }
  private static let encodings: [Case] =
    ["", "gzip", "deflate", "identity", "br", "x,y"].map {
      Case("the encoding '\($0)'", ok + header("grpc-encoding", $0))
    }
  private static let binaries: [Case] =
    ["!", "AA=A", "====", "A", "\u{0}", "AAAA"].map {
      Case("bytes in base64 as '\($0)'", ok + header("x-bin", $0))
    }

  private static let ends: [Case] =
    ["-1", "17", "99", "abc", "", "00", "0x2", "99999999999999999999", "-9223372036854775808"].map {
      Case("the status '\($0)'", opening + trailers(header("grpc-status", $0)))
    }
  private static let words: [Case] =
    ["%", "%2", "%zz", "%FF%FE", "%00", "%0A", "\u{1B}[2J", String(repeating: "%25", count: 3000)]
    .map {
      Case(
        "the words '\($0.prefix(8))'",
        opening + trailers(header("grpc-status", "2") + header("grpc-message", $0)))
    }
  private static let pushbacks: [Case] =
    ["x", "-1", "9223372036854775807", "99999999999999999999"].map {
      Case(
        "a pushback of '\($0)'",
        opening + trailers(header("grpc-status", "14") + header("grpc-retry-pushback-ms", $0)))
    }
  private static let bodies: [Case] = [
    Case("no status", opening + trailers(header("a", "b"))),
    Case(
      "two statuses",
      opening + trailers(header("grpc-status", "0") + header("grpc-status", "5"))),
    Case(
      "details that are none",
      opening
        + trailers(
          header("grpc-status", "2") + header("grpc-status-details-bin", "////////"))),
    Case("trailers twice", opening + frame(1, flags: 4, header("grpc-status", "0")) + done),
    Case("a status of success and no message", opening + done),
    Case("an end without trailers", opening + frame(0, flags: 1)),
    Case("two messages", opening + message([]) + message([]) + done),
    Case("a message of one flag", opening + frame(0, [0]) + done),
    Case("a message of half a length", opening + frame(0, [0, 0, 0]) + done),
    Case("a message that is shorter than it says", opening + message([1], claims: 9) + done),
    Case("a message of four gigabytes", opening + message([1], claims: .max) + done),
    Case("a message with a flag of nobody", opening + message([], flag: 255) + done),
    Case("a compressed message without a method", opening + message([1, 2, 3], flag: 1) + done),
    Case(
      "a message that is not compressed",
      frame(1, flags: 4, ok + header("grpc-encoding", "gzip")) + message([1, 2, 3], flag: 1)
        + done),
    Case(
      "a compressed message of nothing",
      frame(1, flags: 4, ok + header("grpc-encoding", "deflate")) + message([], flag: 1) + done),
  ]

  /// A message of GetKeyspaces' answer, field 1 of which is a keyspace by its name (1) and record (2).
  private static let messages: [Case] = [
    Case("field 0", [0x02, 0]),
    Case("a field beyond 29 bits", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0]),
    Case("wire type 6", [0x0E]), Case("wire type 7", [0x0F]),
    Case("a number of eleven bytes", [UInt8](repeating: 0xFF, count: 11)),
    Case("a length beyond the message", [0x0A, 0x7F, 1]),
    Case("a length beyond 31 bits", [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
    Case("a length beyond 63 bits", [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01]),
    Case("a group without an end", [0x53]), Case("an end without a group", [0x54]),
    Case("groups without end", [UInt8](repeating: 0x53, count: 20_000)),
    Case("records in records", [0x0A, 4, 0x12, 2, 0x12, 0x7F]),
    Case("a name that is no text", [0x0A, 4, 0x0A, 2, 0xFF, 0xFE]),
    Case("a name in another type", [0x0A, 2, 0x08, 1]),
    Case("half a fixed number", [0x0D, 1]), Case("half a long one", [0x09, 1, 2, 3]),
    Case("a keyspace of nothing", [0x0A, 0]),
  ]

  /// What a read comes to when its call is answered so.
  private static func read(_ bytes: [UInt8]) async throws -> CallFailure? {
    let peer = try await HTTP2Peer(answer: bytes)
    let client = VtctldClient(VtctldAccess(servers: [Address(host: "127.0.0.1", port: peer.port)]))
    var failure: CallFailure?
    do throws(CallFailure) { _ = try await client.keyspaces() } catch { failure = error }
    #expect(peer.calls >= 1, "the call never came")
    await peer.stop()
    return failure
  }

  @Test func whatIsAnAnswerIsOne() async throws {
    #expect(try await Self.read(opening + message([]) + done) == nil)
    #expect(try await Self.read(opening + message([0x0A, 3, 0x0A, 1, 97]) + done) == nil)
  }

  @Test func noFrameEndsTheProgram() async throws {
    for (name, bytes) in Self.frames.map({ ($0.name, $0.bytes) }) {
      let start = ContinuousClock.now
      _ = try await Self.read(bytes)
      #expect(ContinuousClock.now - start < .seconds(6), "\(name)")
    }
  }

  @Test func noHeaderEndsTheProgram() async throws {
    let blocks = [
      Self.hpack, Self.values, Self.statuses, Self.lengths, Self.types, Self.encodings,
      Self.binaries,
    ].joined()
    for (name, block) in blocks.map({ ($0.name, $0.bytes) }) {
      _ = try await Self.read(frame(1, flags: 4, block) + message([]) + done)
      let failure = try await Self.read(frame(1, flags: 5, block))
      #expect(failure != nil, "\(name), without a grpc-status")
    }
  }

  @Test func noEndOfACallEndsTheProgram() async throws {
    let ends = [Self.ends, Self.words, Self.pushbacks, Self.bodies].joined()
    for (name, bytes) in ends.map({ ($0.name, $0.bytes) }) {
      let failure = try await Self.read(bytes)
      // The library looks at one bit of the flag, and at none of a message without bytes.
      #expect((failure == nil) == (name == "a message with a flag of nobody"), "\(name)")
    }
  }

  @Test func noMessageEndsTheProgram() async throws {
    for (name, bytes) in Self.messages.map({ ($0.name, $0.bytes) }) {
      let failure = try await Self.read(opening + message(bytes) + done)
      // A field of another type is one that is not known.
      let isAnswer = ["a keyspace of nothing", "a name in another type"].contains(name)
      #expect((failure == nil) == isAnswer, "\(name): \(failure as Any)")
    }
  }

  /// The bytes are those that protoc encodes of a `GetKeyspacesResponse`.
  @Test func aSnapshotSaysOfWhichKeyspaceItIsOne() async throws {
    let snapshot: [UInt8] =
      [0x0A, 21, 0x0A, 5] + Array("rest1".utf8)
      + [0x12, 12, 0x28, 1, 0x32, 8] + Array("commerce".utf8)
    let normal: [UInt8] = [0x0A, 9, 0x0A, 5] + Array("other".utf8) + [0x12, 0]
    let peer = try await HTTP2Peer(answer: opening + message(snapshot + normal) + done)
    let client = VtctldClient(VtctldAccess(servers: [Address(host: "127.0.0.1", port: peer.port)]))
    let keyspaces = try await client.keyspaces()
    await peer.stop()
    #expect(keyspaces.map(\.name) == ["rest1", "other"])
    #expect(keyspaces.map(\.snapshotOf) == ["commerce", nil])
  }
}
