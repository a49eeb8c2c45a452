import FleetModel
import Synchronization
import Terms
import TestSupport
import Testing
import VitessClient

/// A vtgate's two pages that tell of its tablets, as a test sets them.
private final class Gate: Sendable {
  let pages = Mutex((checksum: 0, primary: UInt32?.none))

  func show(checksum: Int, primary: UInt32?) { pages.withLock { $0 = (checksum, primary) } }

  func answer(_ path: String) -> StubServer.Reply {
    let (checksum, primary) = pages.withLock { $0 }
    switch path {
    case "/metrics":
      return .body("vtgate_buffer_size 10\nvtgate_healthcheck_checksum \(checksum)\n")
    case "/debug/gateway":
      let tablets = ([100, 101] as [UInt32]).map { uid in
        let type = uid == primary ? 1 : 2
        return """
          {"Cell":"z","Target":{"keyspace":"k","shard":"0","tablet_type":\(type)},"TabletsStats":[
          {"Tablet":{"alias":{"cell":"z","uid":\(uid)}},"Serving":true,"PrimaryTermStartTime":0,
          "Stats":{},"LastError":null}]}
          """
      }
      return .body("[\(tablets.joined(separator: ","))]")
    default: return .body("{\"cmdline\":[\"vtgate\"]}")
    }
  }
}

extension VtgateReading {
  fileprivate var primary: UInt32? { tablets?.all.first { $0.type == .primary }?.alias.uid }
}

private final class ServedText: Sendable {
  let text: Mutex<String>
  init(_ text: String) { self.text = Mutex(text) }
}

@Suite struct VtgateClientTests {
  @Test func aListIsNotTakenForAnotherBecauseTheirChecksumsAreEqual() async throws {
    let gate = Gate()
    let server = try await StubServer { gate.answer($0) }
    let fetcher = HTTPFetcher()
    var client = VtgateClient(Address(host: "127.0.0.1", port: server.port), fetcher: fetcher)
    // Without a primary the checksum is 7 every time, whoever is without it.
    for (checksum, primary) in [(1, 100), (7, nil), (2, 101), (7, nil), (3, 100)]
      as [(Int, UInt32?)]
    {
      gate.show(checksum: checksum, primary: primary)
      #expect(try await client.poll().primary == primary)
    }
    await server.stop()
    await fetcher.shutdown()
  }

  @Test func aListNewerThanItsChecksumIsReadAgain() async throws {
    let gate = Gate()
    // The new primary is there before the list is read, though not when the counters were.
    let server = try await StubServer { path in
      let reply = gate.answer(path)
      if path == "/metrics", gate.pages.withLock({ $0.checksum }) == 7 {
        gate.show(checksum: 2, primary: 101)
      }
      return reply
    }
    let fetcher = HTTPFetcher()
    var client = VtgateClient(Address(host: "127.0.0.1", port: server.port), fetcher: fetcher)
    gate.show(checksum: 7, primary: nil)
    #expect(try await client.poll().primary == 101)
    #expect(try await client.poll().primary == 101)
    // The next failover: the checksum is known, the list beside it is not to be had again.
    gate.show(checksum: 7, primary: nil)
    _ = try await client.poll()
    #expect(server.requests.count { $0 == "/debug/gateway" } == 3)
    await server.stop()
    await fetcher.shutdown()
  }

  @Test func aListThatIsReadInTheMiddleOfAChangeThatIsUndoneDoesNotStay() async throws {
    let gate = Gate()
    let server = try await StubServer { gate.answer($0) }
    let fetcher = HTTPFetcher()
    var client = VtgateClient(Address(host: "127.0.0.1", port: server.port), fetcher: fetcher)
    // The same checksum before and after, another list between.
    gate.show(checksum: 1, primary: nil)
    #expect(try await client.poll().primary == nil)
    gate.show(checksum: 1, primary: 100)
    #expect(try await client.poll().primary == 100)
    #expect(try await client.poll().primary == 100)
    let asked = server.requests.count { $0 == "/debug/gateway" }
    _ = try await client.poll()
    #expect(server.requests.count { $0 == "/debug/gateway" } == asked)
    await server.stop()
    await fetcher.shutdown()
  }

  /// A vtgate's first page is read by what another one named, whatever it names itself.
  @Test func aVtgateThatNamesOtherSeriesThanTheFirstIsReadRightly() async throws {
    func page(_ shards: [String: Int]) -> String {
      let lines = shards.sorted { $0.key < $1.key }.map { shard, starts in
        "vtgate_buffer_starts{keyspace=\"k\",shard_name=\"\(shard)\"} \(starts)\n"
      }
      return lines.joined() + "vtgate_buffer_size 10\nprocess_start_time_seconds \(shards.count)\n"
    }
    let pages = [
      page(["-40": 1, "40-80": 2, "80-": 3]), page(["-40": 1, "40-80": 2, "80-": 3]),
      page(["-40": 4, "40-80": 5, "80-": 6]), page(["40-80": 7]), page([:]),
      page(["-20": 1, "-40": 1, "40-80": 2, "80-": 3, "c0-": 4]),
      "vtgate_buffer_size 3\n" + page(["80-": 1]).replacing("size", with: "window"),
    ]
    let fetcher = HTTPFetcher()
    for text in pages {
      let server = try await StubServer { $0 == "/metrics" ? .body(text) : .body("", status: 404) }
      var client = VtgateClient(Address(host: "127.0.0.1", port: server.port), fetcher: fetcher)
      let alone = VtgateMetrics(body: Array(text.utf8)).reading
      for _ in 0..<2 {
        let reading = try await client.poll()
        #expect(reading.buffers == alone.buffers, "\(text)")
        #expect(reading.bufferSize == alone.bufferSize)
        #expect(reading.processStart == alone.processStart)
      }
      await server.stop()
    }
    await fetcher.shutdown()
  }

  @Test func vtgatesAreAskedEachForItselfAndEqualListsShareTheirMemory() async throws {
    let gates = [Gate(), Gate()]
    var servers: [StubServer] = []
    for gate in gates {
      gate.show(checksum: 7, primary: 100)
      servers.append(try await StubServer { gate.answer($0) })
    }
    gates[1].show(checksum: 7, primary: nil)
    let fetcher = HTTPFetcher()
    var readings: [VtgateReading] = []
    for server in servers {
      var client = VtgateClient(Address(host: "127.0.0.1", port: server.port), fetcher: fetcher)
      readings.append(try await client.poll())
    }
    #expect(readings.map(\.primary) == [100, nil])
    for server in servers { await server.stop() }
    await fetcher.shutdown()
  }

  @Test func aPageThatBreaksOffSaysNothingAndTheNextOneIsReadWhole() async throws {
    func metrics(_ starts: Int) -> String {
      let shards = (0..<2000).map { "keyspace=\"k\",shard_name=\"\($0)\"" }
      return "vtgate_buffer_size 10\n"
        + shards.map { "vtgate_buffer_starts{\($0)} \(starts)\n" }.joined()
    }
    let page = Mutex(StubServer.Reply.body(metrics(1)))
    let server = try await StubServer { path in
      path == "/metrics" ? page.withLock { $0 } : .body("[]")
    }
    let fetcher = HTTPFetcher()
    var client = VtgateClient(Address(host: "127.0.0.1", port: server.port), fetcher: fetcher)
    let first = try await client.poll()
    #expect(first.buffers == VtgateMetrics(body: metrics(1).utf8).reading.buffers)
    page.withLock {
      $0 = .raw(
        "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n\(metrics(5).prefix(50_000))")
    }
    await #expect(throws: ScrapeFailure.self) { try await client.poll() }
    page.withLock { $0 = .body("<!doctype html><title>Elsewhere</title>", type: "text/html") }
    await #expect(throws: ScrapeFailure.self) { try await client.poll() }
    page.withLock { $0 = .body(metrics(1)) }
    #expect(try await client.poll().buffers == first.buffers)
    page.withLock { $0 = .body(metrics(7)) }
    #expect(
      try await client.poll().buffers == VtgateMetrics(body: metrics(7).utf8).reading.buffers)
    await server.stop()
    await fetcher.shutdown()
  }

  /// Each counts for itself, though what they know of their series is kept once.
  @Test func vtgatesThatNameTheSameSeriesAreReadEachForItself() async throws {
    func metrics(_ starts: Int, _ more: String = "") -> String {
      "vtgate_buffer_size 10\n\(more)"
        + (0..<50).map { "vtgate_buffer_starts{keyspace=\"k\",shard_name=\"\($0)\"} \(starts)\n" }
        .joined()
    }
    let pages = [1, 2, 3].map { ServedText(metrics($0)) }
    var servers: [StubServer] = []
    for page in pages {
      servers.append(
        try await StubServer { $0 == "/metrics" ? .body(page.text.withLock { $0 }) : .body("[]") })
    }
    let fetcher = HTTPFetcher()
    var clients = servers.map {
      VtgateClient(Address(host: "127.0.0.1", port: $0.port), fetcher: fetcher)
    }
    for round in 0..<4 {
      for (place, page) in pages.enumerated() {
        let more = round == 2 && place == 1 ? "vtgate_buffer_x{keyspace=\"k\"} 1\n" : ""
        let text = metrics(10 * round + place, more)
        page.text.withLock { $0 = text }
        #expect(
          try await clients[place].poll().buffers
            == VtgateMetrics(body: text.utf8).reading.buffers)
      }
    }
    for server in servers { await server.stop() }
    await fetcher.shutdown()
  }

  @Test func manyVtgatesTakeTurnsWithListsThatNothingAskedFor() {
    let start = ContinuousClock.now
    var listing = GatewayListing()
    let list = GatewayTablets([])
    listing.take(list, checksum: 1, at: start)
    #expect(listing.isDue(checksum: 1, vtgates: 1, at: start))
    listing.take(list, checksum: 1, at: start)
    #expect(!listing.isDue(checksum: 1, vtgates: 1, at: start + .seconds(4)))
    #expect(listing.isDue(checksum: 1, vtgates: 1, at: start + .seconds(5)))
    #expect(!listing.isDue(checksum: 1, vtgates: 100, at: start + .seconds(24)))
    #expect(listing.isDue(checksum: 1, vtgates: 100, at: start + .seconds(25)))
    #expect(listing.isDue(checksum: 2, vtgates: 100, at: start))
    #expect(listing.isDue(checksum: nil, vtgates: 100, at: start))
  }
}
