import FleetModel
import PrometheusClient
import Terms
import TestSupport
import Testing
import VitessClient

@Suite(.timeLimit(.minutes(1))) struct PrometheusClientTests {
  private static let start = Instant(nanoseconds: 1_795_772_140_000_000_000)
  private static let end = Instant(nanoseconds: 1_795_772_570_000_000_000)

  /// What becomes of asking a server for vtgates.
  private func fault(
    _ server: StubServer, matchers: String = ""
  ) async -> RelayFault? {
    let fetcher = HTTPFetcher(deadline: .seconds(5))
    let client = PrometheusClient(
      Address(host: "127.0.0.1", port: server.port), matchers: matchers, over: fetcher)
    var fault: RelayFault?
    do throws(RelayFault) {
      _ = try await client.vtgates(from: Self.start, to: Self.end)
    } catch {
      fault = error
    }
    await fetcher.shutdown()
    return fault
  }

  @Test(arguments: [
    ("prometheus", "invalid parameter"), ("victoria-metrics", "error when executing query"),
  ])
  func aRefusedQueryIsToldInTheServersWords(_ folder: String, _ words: String) async throws {
    let server = try await storedSeriesServer(folder)
    guard case .refused(let said) = await fault(server, matchers: "nonsense") else {
      Issue.record("not refused")
      return
    }
    #expect(said.hasPrefix(words))
  }

  @Test func anotherServerIsNotTakenForPrometheus() async throws {
    let page = try await StubServer { _ in .body("<html><title>Grafana", type: "text/html") }
    #expect(
      await fault(page)
        == .failed(
          .notUnderstood(
            path: "/api/v1/query", .webPage(.init(name: nil, prefix: nil)))))
    let vtgate = try await StubServer { _ in .redirect("/debug/status") }
    #expect(
      await fault(vtgate)
        == .failed(
          .refused(path: "/api/v1/query", .redirect(status: 302, to: "/debug/status"))))
    let other = try await StubServer { _ in .body("{}") }
    #expect(
      await fault(other)
        == .failed(.notUnderstood(path: "/api/v1/query", .ofAnother(than: "Prometheus"))))
  }

  /// An instant ends in the year 2262.
  @Test func aTimeThatIsNoneIsNotUnderstood() async throws {
    let server = try await StubServer { _ in
      .body(#"{"status":"success","data":{"resultType":"scalar","result":[1e11,"1"]}}"#)
    }
    let fetcher = HTTPFetcher(deadline: .seconds(5))
    let client = PrometheusClient(
      Address(host: "127.0.0.1", port: server.port), matchers: "", over: fetcher)
    await #expect(throws: RelayFault.self) { try await client.time() }
    await fetcher.shutdown()
  }

  @Test func aServerWithoutVtgatesSaysSo() async throws {
    let server = try await StubServer { _ in
      .body(#"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
    }
    #expect(await fault(server) == .knowsNoVtgate(matchers: ""))
  }

  @Test func anInstanceThatIsNoAddressIsNamed() async throws {
    let server = try await StubServer { _ in
      .body(
        #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"instance":"gate one"},"value":[1795772570,"84"]}]}}"#
      )
    }
    #expect(await fault(server) == .hasNoAddress("gate one"))
  }

  @Test func whatTwoJobsScrapeIsOneVtgate() async throws {
    let server = try await StubServer { _ in
      .body(
        #"{"status":"success","data":{"resultType":"vector","result":["#
          + #"{"metric":{"instance":"gate:15001","job":"a"},"value":[1795772570,"84"]},"#
          + #"{"metric":{"instance":"gate:15001","job":"b"},"value":[1795772570,"12"]}]}}"#)
    }
    let fetcher = HTTPFetcher(deadline: .seconds(5))
    let client = PrometheusClient(Address(host: "127.0.0.1", port: server.port), over: fetcher)
    let found = try await client.vtgates(from: Self.start, to: Self.end)
    await fetcher.shutdown()
    #expect(found.map(\.target) == [Target(.vtgate, Address(host: "gate", port: 15001))])
    #expect(found.map(\.alsoScraped) == [1])
  }

  /// A query that names many jobs could be refused for its length; then those of all are sorted out here.
  @Test func failingTargetsAreAskedForByJobWhereThatFits() async throws {
    let server = try await StubServer { _ in
      .body(
        #"{"status":"success","data":{"resultType":"vector","result":["#
          + #"{"metric":{"instance":"a:1","job":"job-7"},"value":[1795772570,"0"]},"#
          + #"{"metric":{"instance":"b:1","job":"another"},"value":[1795772570,"0"]}]}}"#)
    }
    let fetcher = HTTPFetcher(deadline: .seconds(5))
    let client = PrometheusClient(Address(host: "127.0.0.1", port: server.port), over: fetcher)
    for count in [8, 800] {
      let failing = try await client.failing(of: Set((0..<count).map { "job-\($0)" }))
      #expect(failing == [StoredServer.Key(instance: "a:1", job: "job-7")])
    }
    await fetcher.shutdown()
    await server.stop()
    #expect(server.requests.map { $0.contains("job-7") } == [true, false])
    #expect(server.requests.allSatisfy { $0.utf8.count < 6000 })
  }

  /// By whoever wrote the scrape configuration, or by Kubernetes' discovery of vitess-operator's pods.
  @Test(
    arguments: [
      (["keyspace": "commerce", "shard": "-80", "alias": "zone1-0000000101"], "commerce/-80", 101),
      (
        ["keyspace": "commerce", "shard-name": "-80", "tablet.alias": "zone1-101"], "commerce/-80",
        101
      ),
      (["exported_keyspace": "commerce", "exported_shard": "0"], "commerce/0", nil),
      (
        [
          "planetscale_com_keyspace": "commerce", "planetscale_com_shard": "x-80",
          "planetscale_com_cell": "zone1", "planetscale_com_tablet_uid": "101",
        ], "commerce/-80", 101
      ),
      (
        [
          "label_planetscale_com_keyspace": "commerce", "label_planetscale_com_shard": "80-x",
          "label_planetscale_com_cell": "zone1", "label_planetscale_com_tablet_uid": "4000000000",
        ], "commerce/80-", 4_000_000_000
      ),
      (
        ["planetscale.com/keyspace": "commerce", "planetscale.com/shard": "x-x"], "commerce/-", nil
      ),
      (["planetscale_com_keyspace": "commerce", "planetscale_com_shard": "0"], "commerce/0", nil),
      (["keyspace": "commerce"], nil, nil), (["shard": "-80"], nil, nil),
      (["keyspace": "", "planetscale_com_keyspace": "commerce", "shard": "0"], "commerce/0", nil),
    ] as [([String: String], String?, UInt32?)])
  func aTabletsShardIsReadFromWhateverSpellsIt(
    _ labels: [String: String], _ shard: String?, _ uid: UInt32?
  ) throws {
    let server = try #require(
      StoredServer(.vttablet, labels.merging(["instance": "db-1:15100"]) { $1 }))
    #expect(server.shard?.description == shard)
    #expect(server.alias == uid.map { TabletAlias(cell: "zone1", uid: $0) })
  }

  /// Names and values from outside become lines that the scanner reads back as they were.
  @Test func labelsComeThroughWhateverTheyHold() async throws {
    let shard = #"we\\ird\"-80"#
    let server = try await StubServer { path in
      guard path.contains("vtgate_buffer_.%2B") else { return .silence }
      return .body(
        #"{"status":"success","data":{"resultType":"matrix","result":["#
          + #"{"metric":{"__name__":"vtgate_buffer_size","instance":"g:1"},"values":[[1795772500,"9"]]},"#
          + #"{"metric":{"__name__":"vtgate_buffer_starts","instance":"g:1","keyspace":"theirs","exported_keyspace":"ks","#
          + #""shard-name":"\#(shard)"},"values":[[1795772500,"3"],[1795772501,"4"]]},"#
          + #"{"metric":{"__name__":"vtgate_buffer_stops","instance":"g:1"},"values":[[1795772500,"1\nvtgate_buffer_size 7"]]}]}}"#
      )
    }
    let fetcher = HTTPFetcher(deadline: .seconds(5))
    let client = PrometheusClient(Address(host: "127.0.0.1", port: server.port), over: fetcher)
    let answers = try await client.answers(
      of: try #require(StoredServer(.vtgate, ["instance": "g:1"])), from: Self.start, to: Self.end)
    await fetcher.shutdown()
    #expect(answers.count == 1)
    let reading = VtgateMetrics(body: try #require(answers.first?.metrics)).reading
    #expect(reading.bufferSize == 9)
    #expect(reading.buffers[ShardName(keyspace: "ks", shard: #"we\ird"-80"#)]?.starts == 3)
    #expect(reading.buffers.count == 1 && reading.complaint == nil)
  }
}
