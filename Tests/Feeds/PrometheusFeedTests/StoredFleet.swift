import Foundation
import Synchronization
import Terms
import TestSupport
import Timing

/// What a Prometheus has that scrapes a fleet, each server on a grid of its own.
final class StoredFleet: Sendable {
  struct Series {
    let name: String
    let labels: [String: String]
    /// In seconds.
    let interval: Int
    /// The scrapes that were, seconds ago.
    var ages = 0..<Int.max
    let value: String
  }

  private let clock: RunClock
  private let series: [Series]
  private let isSilent = Mutex(false)

  init(_ clock: RunClock, _ series: [Series]) {
    self.clock = clock
    self.series = series
  }

  /// From now on it takes questions and answers none.
  func fallSilent() { isSilent.withLock { $0 = true } }

  static func vtgate(_ instance: String, every interval: Int) -> Series {
    Series(
      name: "vtgate_buffer_size", labels: ["instance": instance, "job": "vtgate"],
      interval: interval, value: "100")
  }

  static func tablet(
    _ instance: String, every interval: Int, lag: Int, ages: Range<Int> = 0..<Int.max
  ) -> [Series] {
    let labels = [
      "instance": instance, "job": "vttablet", "keyspace": "commerce", "shard": "0",
    ]
    return [("vttablet_tablet_server_state", "2"), ("vttablet_replication_lag_sec", "\(lag)")].map {
      Series(name: $0.0, labels: labels, interval: interval, ages: ages, value: $0.1)
    }
  }

  func reply(to path: String) -> StubServer.Reply {
    guard !isSilent.withLock({ $0 }) else { return .silence }
    let now = Int(clock.now.nanoseconds / 1_000_000_000)
    let items = URLComponents(string: path)?.queryItems ?? []
    func item(_ name: String) -> String? { items.first { $0.name == name }?.value }
    let query = item("query") ?? ""
    guard query != "time()" else {
      return .body(#"{"status":"success","data":{"resultType":"scalar","result":[\#(now),"1"]}}"#)
    }
    let end = item("time").flatMap(Double.init) ?? Double(now)
    let range = query.firstMatch(of: /\[(\d+)ms\]$/).flatMap { Double($0.1) }.map { $0 / 1000 }
    let names = query.firstMatch(of: /__name__=~"([^"]*)"/).map { $0.1.split(separator: "|") } ?? []
    let found = series.filter { range != nil && names.contains(Substring($0.name)) }
      .compactMap { $0.json(after: end - (range ?? 0), to: end, at: now) }
    return .body(
      #"{"status":"success","data":{"resultType":"matrix","#
        + #""result":[\#(found.joined(separator: ","))]}}"#)
  }
}

extension StoredFleet.Series {
  /// Its samples between two moments, in seconds; nil where there is none.
  fileprivate func json(after start: Double, to end: Double, at now: Int) -> String? {
    let scrapes = stride(from: now - now % interval - 600, through: now, by: interval)
    let samples = scrapes.filter {
      Double($0) > start && Double($0) <= end && ages.contains(now - $0)
    }
    guard !samples.isEmpty else { return nil }
    let labels = labels.merging(["__name__": name]) { $1 }
      .map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
    let values = samples.map { "[\($0),\"\(value)\"]" }.joined(separator: ",")
    return "{\"metric\":{\(labels)},\"values\":[\(values)]}"
  }
}
