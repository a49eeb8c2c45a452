import FleetModel
import Foundation
import TestSupport
import Testing

@testable import VitessClient

/// A list that is read without a decoder is the list that a decoder reads, or it is left to the decoder.
@Suite struct GatewayScanTests {
  /// Every list that was recorded, and those made after reports.
  private static func documents() throws -> [(name: String, body: Data)] {
    try Fixtures.paths { $0.hasSuffix("gateway.json") || $0.hasSuffix("/debug_gateway") }
      .map { ($0, try Fixtures.data($0)) }
  }

  private static func scanned(_ body: Data) -> GatewayTablets? {
    body.withUnsafeBytes { DebugGateway.scan($0) }.map { DebugGateway.list(Readable($0)) }
  }

  private static func decoded(_ body: Data) -> GatewayTablets? {
    (try? DebugGateway.decoded(body)).map { DebugGateway.list($0) }
  }

  @Test func everyRecordedListIsReadWithoutADecoder() throws {
    let documents = try Self.documents()
    #expect(documents.count > 30)
    for (name, body) in documents where body.first == UInt8(ascii: "[") {
      let list = try #require(Self.scanned(body), "\(name)")
      #expect(list == Self.decoded(body), "\(name)")
    }
  }

  /// Bytes that are lost, doubled, changed or put in: what is read all the same is what a decoder reads.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func whatIsReadOfADamagedListIsWhatADecoderReads(_ seed: UInt64) throws {
    let whole = try Fixtures.data("cases/names/23301/debug_gateway")
    let ends = [UInt8]("\"{}[],:0-.enull\\ 9t".utf8)
    var dice = Dice(seed)
    var (read, left) = (0, 0)
    for _ in 0..<400 {
      var body = [UInt8](whole)
      for _ in 0...Int.random(in: 0...2, using: &dice) {
        let place = Int.random(in: body.indices, using: &dice)
        switch Int.random(in: 0...4, using: &dice) {
        case 0: body.remove(at: place)
        case 1: body[place] = ends.randomElement(using: &dice) ?? 0
        case 2: body.insert(ends.randomElement(using: &dice) ?? 0, at: place)
        case 3: body.insert(body[place], at: place)
        default: body.removeSubrange(place...)
        }
      }
      guard let list = Self.scanned(Data(body)) else {
        left += 1
        continue
      }
      read += 1
      #expect(list == Self.decoded(Data(body)), "\(String(decoding: body, as: UTF8.self))")
    }
    #expect(read > 20 && left > 20)
  }

  @Test(arguments: [
    "[]", " [ ] ", "null", "{}", "[]x", "[{}]", "[{\"TabletsStats\":null}]",
    "[{\"TabletsStats\":[{}]}]",
    "[{\"TabletsStats\":[{\"Tablet\":{\"alias\":{\"cell\":\"a\",\"uid\":4294967296}}}]}]",
    "[{\"Target\":{\"keyspace\":\"k\",\"shard\":\"0\",\"tablet_type\":1},\"TabletsStats\":[{\"Tablet\":"
      + "{\"alias\":{\"cell\":\"a\",\"uid\":7},\"port_map\":{\"vt\":\"15100\"},\"hostname\":\"h\"}}]}]",
    "[{\"Target\":{\"keyspace\":\"k\",\"shard\":\"0\"},\"TabletsStats\":[{\"Tablet\":{\"alias\":"
      + "{\"uid\":7e0}},\"Serving\":true,\"LastError\":{},\"Stats\":{\"health_error\":\"\\\"x\\\"\"}}]}]",
    String(repeating: "[", count: 5000), "[1,]", "[{\"a\":1,}]", "[{\"a\":01}]", "[{\"a\":-}]",
  ])
  func whatOtherServersMaySayIsReadAlike(_ text: String) throws {
    let body = Data(text.utf8)
    guard let list = Self.scanned(body) else { return }
    #expect(list == Self.decoded(body))
  }
}
