internal import Buffering
internal import Terms

/// What the counters of a scenario come to, beside what its sources say.
extension Scenario {
  /// One of the counters.
  package struct Row: Sendable, Equatable {
    package let counter: Counter
    /// What each source says, in the order of ``Scenario/expectations``.
    package let expected: [Int]
    package let came: Int
    /// The algorithm determines it; else it depends on timing.
    package let isExact: Bool
    /// It agrees with the deciding source.
    package let agrees: Bool
  }

  /// What all vtgates have counted for the scenario's shard.
  func counted(by cluster: LabCluster) -> [Counter: Int] {
    cluster.vtgates.reduce(into: [:]) { sum, vtgate in
      sum.merge(counted(by: vtgate)) { $0 + $1 }
    }
  }

  /// What one of them has counted since its process started.
  func counted(by vtgate: Vtgate) -> [Counter: Int] {
    var counters = Dictionary(uniqueKeysWithValues: Self.counters.map { ($0, 0) })
    guard let own = vtgate.buffer.counters(of: shard) else { return counters }
    counters["requests_buffered"] = own.buffered
    counters["requests_buffered_dry_run"] = own.bufferedDryRun
    counters["requests_drained"] = own.drained
    for (reason, number) in own.evicted {
      counters["requests_evicted.\(reason.rawValue)"] = number
    }
    for (reason, number) in own.skipped {
      counters["requests_skipped.\(reason.rawValue)"] = number
    }
    return counters
  }

  /// The counters of which anybody says anything but 0.
  package func table(of counters: [Counter: Int]) -> [Row] {
    Self.counters.compactMap { counter in
      let expected = expectations.map { $0.values[counter] ?? 0 }
      let came = counters[counter] ?? 0
      guard came != 0 || expected.contains(where: { $0 != 0 }) else { return nil }
      let isExact = exact.contains(counter)
      let agrees =
        expected.last.map { isExact ? came == $0 : (came == 0) == ($0 == 0) } ?? true
      return Row(
        counter: counter, expected: expected, came: came, isExact: isExact, agrees: agrees)
    }
  }

  /// What of the counters is not as the deciding source says, in words.
  package func disagreements(with counters: [Counter: Int]) -> [String] {
    table(of: counters).filter { !$0.agrees }.map { row in
      let wanted = row.expected.last ?? 0
      let words = row.isExact ? "be \(wanted)" : wanted == 0 ? "be 0" : "not be 0"
      return "\(row.counter) is \(row.came), must \(words)"
    }
  }

  /// The table as lines of text, with what came below `title`.
  package func tableLines(of counters: [Counter: Int], titled title: String) -> [String] {
    let rows = table(of: counters)
    let cells =
      [["counter"] + expectations.map(\.source) + [title, ""]]
      + rows.map { row in
        [row.counter] + row.expected.map { "\($0)" } + ["\(row.came)", row.isExact ? "=" : "~"]
      }
    let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    let lines = cells.map { row in
      row.indices.map { column in
        let pad = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + pad : pad + row[column]
      }.joined(separator: "  ")
    }
    return lines + ["\(Self.counters.count - rows.count) more counters are 0 everywhere"]
  }
}
