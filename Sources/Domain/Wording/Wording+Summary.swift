package import FleetModel
internal import Terms

/// A failover in two sentences, for whoever was not there.
extension Wording {
  /// What happened: who was primary, and how long requests were held.
  package func whatHappened(_ failover: Failover) -> String {
    let shard = failover.shard.description
    let before = failover.primaryBefore?.short ?? "an unknown tablet"
    let what: String
    switch failover.kind {
    case .failover:
      what =
        failover.waitedFor.map {
          "\(shard) kept its primary \(before), but its requests were held because \($0) had none"
        } ?? change(of: failover, from: before)
    case .trafficSwitch where failover.ended == nil:
      what = "Traffic of \(shard) is being switched"
    case .trafficSwitch, .unchanged:
      switch failover.verdict {
      case .switched: what = "Traffic of \(shard) was switched to other tables or shards"
      case .halfSwitched:
        what = "A traffic switch of \(shard) was left half done: nobody takes writes to some tables"
      case .notSwitched:
        what =
          "A traffic switch of \(shard) timed out or was cancelled, and writes stay "
          + (failover.primaryBefore.map { "at \($0.short)" } ?? "where they were")
      default: what = "Requests for \(shard) were held\(stayed(failover))"
      }
    case .cutover:
      what = failover.plannedCutover.map { planned($0, in: failover) } ?? shard
    case .errors:
      what = "Queries for \(shard) failed without being buffered\(stayed(failover))"
    }
    return "\(what)\(buffering(in: failover))."
  }

  /// A cutover that a proxy was told to make: `A planned cutover of commerce/- led from old to new`.
  private func planned(_ cutover: ProxyCutover, in failover: Failover) -> String {
    let (shard, from, to) = (failover.shard, quote(cutover.from), quote(cutover.to))
    let cause = failover.serverFault.map { ", because \(words($0, of: cutover.from))" } ?? ""
    let reason = cutover.reason.map { " (\(quote($0)))" } ?? ""
    return switch cutover.phase {
    case .switched: "A planned cutover of \(shard) led from \(from) to \(to)\(cause)"
    case .cancelled:
      "A planned cutover of \(shard) from \(from) to \(to) was cancelled\(reason), and \(from) serves on"
    case .timedOut:
      "A planned cutover of \(shard) from \(from) to \(to) took too long, and \(from) serves on"
    case .holding, .takingOver, .undecided, .other:
      "\(shard) is held for a planned cutover from \(from) to \(to)"
    }
  }

  private func stayed(_ failover: Failover) -> String {
    failover.primaryBefore.map { ", and \($0.short) stayed primary" }
      ?? "; whether its primary changed is not known"
  }

  private func change(of failover: Failover, from before: String) -> String {
    let shard = failover.shard.description
    if failover.isOfUnknownPrimaries {
      return failover.newPrimarySeen == nil
        ? "A failover of \(shard) began, and no \(gate(failover.gates)) has seen a primary since; who was is not known"
        : "A failover of \(shard) began, and \(gates(failover.gates)) saw a primary; whether it changed is not known"
    }
    guard let after = failover.primaryAfter else {
      return failover.newPrimarySeen == nil
        ? "\(shard) lost its primary \(before)\(fault(failover)), and no \(gate(failover.gates)) has seen another"
        : "\(shard) lost its primary \(before)\(fault(failover)); which \(member(of: failover.gates)) took over is not known"
    }
    guard failover.primaryBefore != nil else {
      return "A failover of \(shard) led to the primary \(after.short); who was before is not known"
    }
    return after == failover.primaryBefore
      ? "The primary of \(shard), \(before), was away\(fault(failover)) and came back"
      : "The primary of \(shard) changed from \(before)\(fault(failover)) to \(after.short)"
  }

  /// ` (cannot be used: connection refused)`, where a proxy said why it lost its server.
  private func fault(_ failover: Failover) -> String {
    switch failover.serverFault {
    case .down(let why?): " (\(quote(why)))"
    case .down(nil): " (its server died or cannot be reached)"
    case .draining: " (marked as draining)"
    case nil: ""
    }
  }

  /// How long vtgates buffered, and how that ended.
  private func buffering(in failover: Failover) -> String {
    guard failover.kind != .errors else { return "" }
    let buffering = failover.tracks.filter { $0.started != nil && !$0.isDryRun }
    guard !buffering.isEmpty else {
      return failover.tracks.contains(where: \.isDryRun)
        ? "; \(gates(failover.gates)) only counted what they would have buffered"
        : "; no \(gate(failover.gates)) buffered"
    }
    let count = "\(self.count(buffering.count, of: failover.gates)) buffered"
    let length =
      failover.longestBuffering.map {
        " for \(buffering.count == 1 ? "" : "up to ")\($0.inTenths)"
      }
      ?? ", for how long is not known"
    let peak =
      failover.peak.map { ", at most \($0.grouped) request\($0 == 1 ? "" : "s") at a time" } ?? ""
    let end =
      if failover.ended == nil {
        " and it was not over when this was last seen"
      } else if failover.verdict == .gaveUp {
        " and gave up before a primary was seen"
      } else if buffering.contains(where: { $0.interrupted != nil }) {
        " and how it ended at one of them is not known"
      } else {
        ""
      }
    return "; \(count)\(length)\(peak)\(end.isEmpty ? "" : ",")\(end)"
  }

  /// What the application felt: what failed, and what waited.
  package func whatWasFelt(_ failover: Failover) -> String {
    let failed = failover.failed
    let codes = failed.codes.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value.grouped)" }.joined(separator: ", ")
    let what: String
    if failed.isNothing {
      what = "Nothing failed for the application"
    } else if let count = failed.count {
      let least = failed.isAtLeast ? "At least " : failed.isEstimate ? "About " : ""
      let place = failed.isOfKeyspace && count > 0 ? " in the keyspace" : ""
      what =
        "\(least)\(count.grouped) \(count == 1 ? "query" : "queries") failed\(place)"
        + (codes.isEmpty ? "" : " (\(codes))")
    } else {
      what = "What the application saw fail is not known"
    }
    return "\(what)\(waiting(in: failover))."
  }

  private func waiting(in failover: Failover) -> String {
    guard let buffered = failover.counts[.buffered] else {
      return "; how many requests waited is not known either"
    }
    guard buffered > 0 else { return "; no request waited" }
    let longest =
      longestWait(in: failover).map { " for up to \($0.inTenths)" }
      ?? ", for how long is not known"
    return "; \(buffered.grouped) request\(buffered == 1 ? "" : "s") waited\(longest)"
  }

  /// The longest that a request waited, as polls saw it; nil while some vtgate does not say.
  private func longestWait(in failover: Failover) -> Duration? {
    let tracks = failover.tracks.filter { $0.started != nil }
    let waits = tracks.compactMap(\.felt)
    return waits.count == tracks.count ? waits.max() : nil
  }

  /// What the numbers of a failover rest on, and what is missing; a sentence each.
  package func doubts(about failover: Failover) -> [String] {
    let failed = failover.failed
    var doubts: [String] = []
    if failover.episodes > 1 {
      doubts.append(
        "\(failover.episodes.grouped) failovers fell between two polls: counts are their sum, "
          + "durations and peaks those of the last one.")
    }
    if failover.hidesUnbuffered {
      doubts.append("Between the same two polls there was another one, which was not buffered.")
    }
    if failover.mayBeCutover {
      doubts.append("Whether it was a planned cutover is not known: \(Self.cutoversUntold).")
    }
    if failed.count == nil {
      doubts.append("Not every \(gate(failover.gates)) says what failed for its clients.")
    } else if failed.isAtLeast {
      doubts.append(
        "Not every \(gate(failover.gates)) says what failed for its clients, so there may have been more."
      )
    }
    if failed.isEstimate {
      doubts.append("Something fails all the time; its share has been subtracted as an average.")
    }
    if failed.isOfKeyspace {
      doubts.append(
        "Another shard of \(failover.shard.keyspace) failed over too, and client errors do not name "
          + "the shard.")
    }
    if failed.isAssumed {
      doubts.append("Part of what failed is derived from attempts, \(assumedAttempts).")
    }
    if failed.isSomething, !failed.codes.isEmpty {
      doubts.append("A client's new try that failed counts again.")
    }
    for track in failover.tracks {
      guard let interrupted = track.interrupted else { continue }
      let vtgate = name(track.address)
      switch interrupted.cause {
      case .restarted:
        doubts.append("\(vtgate) was restarted in the middle; what it held is not accounted for.")
      case .unanswered:
        doubts.append("\(vtgate) stopped answering; what it counted after that is not known.")
      case .uncounted:
        doubts.append("\(vtgate) does not count how its buffering ended.")
      }
    }
    return doubts
  }

  /// Lag before, during and after: `0.2 s before, 3.4 s at most during it, 0.1 s after it; the
  /// throttler's threshold is 5 s`.
  package func lag(
    before: Double?, most: Double?, after: Double?, threshold: Double?, unit: String
  ) -> String {
    func value(_ number: Double?) -> String {
      number.map { "\($0.inHundredths)\(unit)" } ?? "unknown"
    }
    return
      "\(value(before)) before, \(most == nil ? "unknown" : "\(value(most)) at most") during it, "
      + "\(value(after)) after it; "
      + (threshold.map { "the throttler's threshold is \(value($0))" }
        ?? "the throttler's threshold is unknown")
  }

  /// What a limit rests on, as a table has room for.
  package func sourceInFull(_ basis: BufferFlags.Basis, of gates: Gates) -> String {
    switch basis {
    case .commandLine where gates == .proxies: "the proxy's file"
    case .commandLine: "vtgate's command line"
    case .counters: "its counters, which contradict Vitess' default"
    case .vitessDefault: "Vitess' default, as its flags could not be read"
    }
  }

  /// A vtgate's name, masked where hosts are.
  package func vtgate(_ track: Failover.Track) -> String { name(track.address) }
  package func vtgate(_ absence: Failover.Absence) -> String { name(absence.address) }

  /// Text from elsewhere, masked where hosts are.
  package func told(_ text: String) -> String { quote(text) }
}
