package import Actions
internal import FleetModel
internal import TerminalKit
package import Terms
internal import Wording

extension PlainLine {
  /// A preflight's lines: `pass  candidate        zone1-101 at 0.2 s, threshold 1 s`.
  package static func lines(_ preflight: ReparentPreflight) -> [String] {
    preflight.lines.map { line in
      let status = line.status.word.padded(to: 6)
      let evidence = Wording().words(line.evidence)
      return "\(status)\(line.check.rawValue.padded(to: 18))\(evidence)".safe(limit: 2000)
    }
  }

  /// How an action stands, parts first.
  package static func lines(_ report: ActionReport) -> [String] {
    let parts = report.parts.map { part in
      "\(part.state.rawValue.padded(to: 9))\(Wording().name(part.subject).padded(to: 28))"
        + Wording().words(part.finding)
    }
    let verdict = report.outcome.map { outcome in
      [outcome.rawValue + (report.verdict.map { ": \(Wording().words($0))" } ?? "")]
    }
    return (parts + report.events.map { "vtctld: \($0)" } + (verdict ?? [])).map {
      TabletAlias.shortened(in: $0.safe(limit: 2000))
    }
  }
}

extension JSONLine {
  /// What an action would do, and what speaks for and against it.
  package func text(
    _ action: Action, _ preflight: ReparentPreflight?, request: String, at now: Instant
  ) -> String {
    encode(Planned(action, preflight, request, at: now))
  }

  /// The result of an action; `who`: who acted, where that is not whoever reads it.
  package func text(_ report: ActionReport, by who: String? = nil) -> String {
    encode(Acted(report, who))
  }
}

private struct Planned: Encodable {
  let version = JSONLine.version
  let type = "plan"
  let at: String
  let action: String
  let request: String
  let preflight: [Told<PreflightWords>]?

  init(_ action: Action, _ preflight: ReparentPreflight?, _ request: String, at now: Instant) {
    at = now.rfc3339
    self.action = Wording().sentence(action)
    self.request = request
    self.preflight = preflight?.lines.map { Told($0) }
  }
}

private struct Acted: Encodable {
  let version = JSONLine.version
  let type = "action"
  let at: String
  let who: String?
  let action: String
  let outcome: String?
  let kind: String?
  let verdict: String?
  let objection: String?
  /// Absent when nothing was sent.
  let sentAt: String?
  let endedAt: String?
  let parts: [Part]
  let events: [String]

  struct Part: Encodable {
    let subject: String
    let state: String
    let kind: String
    let words: String
  }

  init(_ report: ActionReport, _ who: String?) {
    at = report.startedAt.rfc3339
    self.who = who
    action = Wording().sentence(report.action)
    outcome = report.outcome?.rawValue
    kind = report.verdict?.name.rawValue
    verdict = report.verdict.map { Wording().words($0) }
    objection = if case .notSent(let found)? = report.verdict { found.name.rawValue } else { nil }
    sentAt = report.sentAt.map(\.rfc3339)
    endedAt = report.endedAt.map(\.rfc3339)
    parts = report.parts.map {
      Part(
        subject: Wording().name($0.subject), state: $0.state.rawValue,
        kind: $0.finding.name.rawValue, words: Wording().words($0.finding))
    }
    events = report.events
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    count < width ? self + String(repeating: " ", count: width - count) : self + " "
  }
}
