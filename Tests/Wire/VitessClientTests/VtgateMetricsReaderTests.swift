import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient

/// A reader that remembers a vtgate's series says what a plain reading of the same page says, whatever
/// it has read before.
@Suite struct VtgateMetricsReaderTests {
  private static func compare(
    _ metrics: VtgateMetrics, _ body: [UInt8], _ comment: Comment
  ) -> Bool {
    let plain = PlainVtgateMetrics(body)
    let isSame =
      metrics.reading == plain.reading && metrics.checksum == plain.checksum
      && (metrics.failure == nil) == plain.isVtgate
    #expect(isSame, comment)
    if !isSame { #expect(metrics.reading == plain.reading, comment) }
    return isSame
  }

  private static func isPage(_ path: String) -> Bool {
    path.hasSuffix("/metrics") || path.contains("metrics") && path.hasSuffix(".txt.gz")
  }

  /// In the order of their names, which puts the pages of one recording next to each other.
  @Test func everyRecordedPageIsReadAsByAPlainReader() throws {
    var reader = VtgateMetricsReader()
    for path in Fixtures.paths(where: Self.isPage) {
      let body = Array(try Fixtures.data(path))
      for _ in 0..<2 { #expect(Self.compare(reader.read(body), body, "\(path)")) }
      #expect(Self.compare(VtgateMetrics(body: body), body, "\(path) alone"))
    }
  }

  /// A page of a large vtgate, as lines that can be changed.
  private struct Lines {
    var series: [(name: String, value: String)] = []
    private static let values = [
      "0", "1", "2", "3", "17", "999999", "1e+06", "1.234567e+06", "12345.5", "1e+15", "9.99e+14",
      "NaN", "-1", "+Inf", "1e308", "x", "", "4 1700000000000", "3 4 5",
    ]
    private static let names = [
      "starts", "stops", "requests_buffered", "requests_buffered_dry_run", "requests_drained",
      "requests_evicted", "requests_skipped", "last_failover_duration_ms",
      "last_requests_in_flight_max", "utilization_sum", "size", "failover_duration_sum_ms",
    ]
    private static let reasons = [
      "NewPrimarySeen", "NewMasterSeen", "MaxDurationExceeded", "BufferFull", "Disabled",
      "ContextDone", "WindowExceeded", "MoonTooBright", "LastFailoverTooRecent",
    ]
    private static let shards = ["-80", "80-", "0", "all", "a\\\"b"]
    private static let types = ["primary", "master", "PRIMARY", "replica", "rdonly", "?"]

    static func series(_ dice: inout Dice) -> String {
      func any(_ texts: [String]) -> String { texts.randomElement(using: &dice) ?? "" }
      let shard = "keyspace=\"\(any(["a", "b", "all"]))\",shard_name=\"\(any(shards))\""
      switch Int.random(in: 0..<12, using: &dice) {
      case 0: return "vtgate_healthcheck_connections{\(shard),tablet_type=\"\(any(types))\"}"
      case 1:
        return
          "vtgate_vttablet_call_error_count{db_type=\"\(any(types))\",\(shard),operation=\"\(any(["Execute", "Begin"]))\"}"
      case 2:
        return
          "vtgate_api_error_counts{code=\"\(any(["OK", "UNAVAILABLE", "CANCELED"]))\",db_type=\"\(any(types))\",keyspace=\"\(any(["a", "b"]))\",operation=\"\(any(["Execute", "Begin"]))\"}"
      case 3:
        return any([
          "process_start_time_seconds", "vtgate_healthcheck_checksum", "vtgate_buffer_size",
          "vtgate_buffer_starts", "vtgate_buffer_stops{keyspace=\"a\"}", "go_goroutines",
          "# HELP vtgate_buffer_starts what", "vtgate_buffer_starts{keyspace=\"a", "<html>",
        ])
      case 4...6:
        return
          "vtgate_buffer_\(any(names)){\(shard),reason=\"\(any(reasons + ["r\(Int.random(in: 0..<50, using: &dice))"]))\"}"
      default: return "vtgate_buffer_\(any(names)){\(shard)}"
      }
    }

    static func value(_ dice: inout Dice) -> String {
      if Bool.random(using: &dice) { return "\(Int.random(in: 0..<2_000_000, using: &dice))" }
      return values.randomElement(using: &dice) ?? ""
    }

    mutating func change(_ dice: inout Dice) {
      for _ in 0..<Int.random(in: 0...4, using: &dice) {
        let place = Int.random(in: 0...series.count, using: &dice)
        switch Int.random(in: 0..<6, using: &dice) {
        case 0 where !series.isEmpty: series.remove(at: min(place, series.count - 1))
        case 1: series.insert((Self.series(&dice), Self.value(&dice)), at: place)
        case 2 where !series.isEmpty:
          series.swapAt(min(place, series.count - 1), .random(in: series.indices, using: &dice))
        default:
          if place < series.count { series[place].value = Self.value(&dice) }
        }
      }
      if Int.random(in: 0..<20, using: &dice) == 0 {
        for place in series.indices {
          series[place].value = "\(Int.random(in: 0..<99, using: &dice))"
        }
      }
    }

    var text: [UInt8] { Array(series.map { "\($0.name) \($0.value)\n" }.joined().utf8) }
  }

  @Test(arguments: 1...6) func anySequenceOfPagesIsReadAsByAPlainReader(_ seed: UInt64) {
    var dice = Dice(seed)
    var lines = Lines()
    for _ in 0..<(seed.isMultiple(of: 2) ? 40 : 250) {
      lines.series.append((Lines.series(&dice), Lines.value(&dice)))
    }
    var reader = VtgateMetricsReader()
    for page in 0..<1000 {
      lines.change(&dice)
      var text = lines.text
      if Int.random(in: 0..<4, using: &dice) == 0, !text.isEmpty {
        for _ in 0..<3 {
          let place = Int.random(in: text.indices, using: &dice)
          text[place] = Array("09 {}\"=,\n\r\\.e+#a".utf8).randomElement(using: &dice) ?? 0
        }
      }
      if Int.random(in: 0..<10, using: &dice) == 0 {
        reader.begin()
        Array(text.prefix(.random(in: 0...text.count, using: &dice))).withUnsafeBytes {
          reader.scan($0)
        }
      }
      guard Self.compare(reader.read(text), text, "page \(page) of \(seed)") else { return }
    }
  }

  @Test func moreShardsThanAnyFleetHasAreLeftOutAndSaidToBe() {
    var reader = VtgateMetricsReader()
    for first in [0, 5, 0] {
      let body = Array(
        (first..<(first + 10_003)).map {
          """
          vtgate_buffer_starts{keyspace="k",shard_name="\($0)"} 1
          vtgate_healthcheck_connections{keyspace="k",shard_name="\($0)",tablet_type="primary"} 1
          vtgate_vttablet_call_error_count{db_type="primary",keyspace="k",shard_name="\($0)"} 1

          """
        }.joined().utf8)
      let metrics = reader.read(body)
      #expect(metrics.reading.complaint == .tooManyShards(limit: 10_000))
      #expect(Self.compare(metrics, body, "from \(first)"))
    }
  }

  @Test func moreReasonsThanThereAreAreLeftOut() {
    let names = ["stops", "requests_evicted", "requests_skipped"]
    func body(_ least: Int) -> [UInt8] {
      var text = ""
      for name in names {
        for reason in 0..<40 {
          text +=
            "vtgate_buffer_\(name){keyspace=\"k\",reason=\"r\(reason)\",shard_name=\"0\"} \(max(0, reason - least))\n"
        }
        text += "vtgate_buffer_\(name){keyspace=\"k\",reason=\"Shutdown\",shard_name=\"0\"} 3\n"
      }
      for code in 0..<2040 {
        text +=
          "vtgate_api_error_counts{code=\"c\(code)\",db_type=\"primary\",keyspace=\"k\"} \(max(0, code - least))\n"
      }
      return Array(text.utf8)
    }
    var reader = VtgateMetricsReader()
    for least in [0, 20, 3, 0] {
      let body = body(least)
      #expect(Self.compare(reader.read(body), body, "from \(least)"))
    }
  }

  @Test func aPageThatSaysTheSameSharesItsMemory() throws {
    let body = try Fixtures.data("vitess-22/http/mid-failover-slow-catch-up/vtgate.metrics.txt.gz")
    var reader = VtgateMetricsReader()
    let first = reader.read(body).reading
    let second = reader.read(body).reading
    #expect(first == second)
    let addresses = [first, second].map { reading in
      withUnsafeBytes(of: reading.buffers) { $0.load(as: UInt.self) }
    }
    #expect(addresses[0] == addresses[1])
  }
}
