internal import Buffering
internal import FleetModel
internal import TerminalKit
internal import Terms
package import WhatIf
package import Wording

/// The answer of `sluice what-if` in words: for each vtgate what was counted, what comes of the flags
/// that were in force, and of those that were asked for.
package struct WhatIfLines {
  private let wording: Wording

  /// `wording`: how servers are named.
  package init(_ wording: Wording) { self.wording = wording }

  /// `number`: of the failover in its recording.
  package func text(_ answer: WhatIfAnswer, number: Int, interval: Duration) -> [String] {
    let failover = answer.failover
    var lines = [
      "failover \(number) of \(failover.shard), \(failover.detected.at.rfc3339), polled every "
        + interval.asInterval
    ]
    for (vtgate, part) in answer.parts {
      lines += ["", wording.name(vtgate)]
      switch part {
      case .failure(let refusal):
        lines.append("  " + wording.words(refusal, of: failover.gates))
      case .success(let part):
        lines += text(part, failover.gates, asksNothing: answer.asksNothing)
      }
    }
    if !answer.asksNothing {
      lines += ["", answer.avoided.map(wording.words) ?? "client errors avoided: not known"]
    }
    if let sweep = answer.sweep { lines += [""] + text(sweep, of: answer) }
    return lines.map { $0.safe(limit: 2000) }
  }

  private func text(
    _ part: WhatIfAnswer.Part, _ gates: Gates, asksNothing: Bool
  ) -> [String] {
    let inForce = part.outage.inForce
    var lines = ["  in force   \(words(inForce.flags, gates))"]
    if !inForce.unknown.isEmpty {
      lines.append(
        "             not read, Vitess' default or what counters prove: "
          + inForce.unknown.map { flag($0, gates) }.joined(separator: " "))
    }
    if !asksNothing { lines.append("  asked for  \(words(part.flags, gates))") }
    let now = asksNothing ? nil : try? part.now.get()
    lines.append(row("", "counted", "in force", now == nil ? nil : ("asked for", "how sure")))
    for row in Forecast.Row.all {
      let counted = part.outage.counted(row)
      let (then, told) = (part.then[row], now?[row])
      guard counted ?? 0 > 0 || then.most != 0 || told.map({ $0.most != 0 }) ?? false else {
        continue
      }
      lines.append(
        self.row(
          title(row), counted?.grouped ?? "–", then.likely.grouped,
          told.map { (shown($0), wording.sureness($0)) }))
    }
    lines.append(
      row(
        "longest wait", "–", part.then.longestWait.likely.tight,
        now.map { ($0.longestWait.likely.tight, wording.sureness($0.longestWait)) }))
    lines.append(
      row(
        "queries let down", "–", part.then.failed.likely.grouped,
        now.map { (shown($0.failed), wording.sureness($0.failed)) }))
    lines.append("  " + agreement(part))
    if let now, now.isAsRecorded {
      lines.append("  With the flags asked for it would have gone as it went.")
    }
    if !asksNothing, case .failure(let unanswered) = part.now {
      lines.append("  No answer: \(wording.words(unanswered, of: gates)).")
    }
    return lines
  }

  private func agreement(_ part: WhatIfAnswer.Part) -> String {
    let (off, arrived) = (part.off, part.outage.arrived)
    guard part.isWithinPolls else {
      return "The flags in force do not give what was counted: off by \(off.grouped) of "
        + "\(arrived.grouped) requests, more than polls can hide. Do not rely on what follows from them."
    }
    return off == 0
      ? "The flags in force give what was counted."
      : "The flags in force give what was counted, but for \(off.grouped) of \(arrived.grouped) "
        + "requests: no more than polls can hide."
  }

  private func text(_ sweep: WhatIfAnswer.Sweep, of answer: WhatIfAnswer) -> [String] {
    let gates = answer.failover.gates
    let name = flag(sweep.flag, gates)
    if case .failure(.nobodyTold) = sweep.least {
      return ["\(name): no answer, as \(wording.words(.nobodyTold, of: gates))."]
    }
    let isWhole = answer.told == answer.parts.count
    let whose =
      isWhole
      ? "all \(wording.gates(gates))"
      : "\(answer.told) of \(wording.count(answer.parts.count, of: gates))"
    var lines = [row(name, "thrown out", "peak", ("let down", whose))]
    for step in sweep.steps {
      lines.append(
        row(
          "  " + words(step.value, of: sweep.flag), step.evicted.map(shown) ?? "?",
          step.peak.map(shown) ?? "?",
          step.failed.map { (shown($0), wording.sureness($0)) } ?? ("?", "no answer")))
    }
    let unless = isWhole ? "" : " at the \(wording.gates(gates)) that can be told about"
    switch sweep.least {
    case .success(let value):
      lines.append(
        "Nothing is lost from \(name) \(words(value, of: sweep.flag)) on\(unless).")
    case .failure(let obstacle):
      lines.append(
        "With none of these is it sure that nothing is lost: \(wording.words(obstacle, of: gates))."
      )
    }
    return lines
  }

  private func shown(_ count: Forecast.Count) -> String {
    count.isUnknown ? "?" : count.likely.grouped
  }

  private func words(_ value: Int64, of flag: Advice.Flag) -> String {
    flag == .size ? Int(value).grouped : Duration.seconds(value).asFlag
  }

  private func flag(_ flag: Advice.Flag, _ gates: Gates) -> String {
    wording.spelled(flag, withDashes: true, of: gates)
  }

  private func words(_ flags: RequestBuffer.Configuration, _ gates: Gates) -> String {
    [
      "\(flag(.size, gates)) \(flags.size)", "\(flag(.window, gates)) \(flags.window.goText)",
      "\(flag(.maxFailoverDuration, gates)) \(flags.maxFailoverDuration.goText)",
      "\(flag(.minTimeBetweenFailovers, gates)) \(flags.minTimeBetweenFailovers.goText)",
    ].joined(separator: gates == .proxies ? ", " : " ")
  }

  private func title(_ row: Forecast.Row) -> String {
    switch row {
    case .starts: "starts"
    case .stops(let reason): "stops \(reason.rawValue)"
    case .buffered: "buffered"
    case .drained: "drained"
    case .evicted(let reason): "evicted \(reason.rawValue)"
    case .skipped(let reason): "skipped \(reason.rawValue)"
    case .peak: "peak held"
    }
  }

  private func row(
    _ title: String, _ counted: String, _ then: String, _ now: (likely: String, sure: String)?
  ) -> String {
    func right(_ text: String) -> String {
      String(repeating: " ", count: max(1, 11 - text.count)) + text
    }
    let line =
      "  " + title + String(repeating: " ", count: max(1, 30 - title.count)) + right(counted)
      + right(then)
    guard let now else { return line }
    return line + right(now.likely) + (now.sure.isEmpty ? "" : "  \(now.sure)")
  }
}
