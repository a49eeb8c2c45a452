internal import FleetModel
internal import FoundationEssentials
package import Reporting
internal import Terms
internal import WhatIf
package import Wording

extension JSONLine {
  /// A report of failovers.
  ///
  /// `mask`: stands in for hosts and addresses, wherever in the object they are; nil shows them.
  package func text(_ report: Report, mask: HostMask? = nil) -> String {
    let text = encode(Reported(report, isMasked: mask != nil))
    guard let mask, let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    else { return text }
    return encode(value.mapped { mask.masked([$0]).joined(separator: "\n") })
  }
}

private struct Reported: Encodable {
  let version = JSONLine.version
  let type = "report"
  let at: String
  let cluster: String
  let from: String
  let to: String
  /// Absent when all could be read.
  let damage: String?
  let failovers: [Part]
  let actions: [Deed]
  let notes: [Note]

  struct Part: Encodable {
    let failover: Ended
    let happened: String
    let felt: String
    let doubts: [String]
    let beginningUnseen: Bool
    let endUnseen: Bool
    let lagBefore: Double?
    let lagMost: Double?
    let lagAfter: Double?
    let lagThreshold: Double?
    let lagMetric: String
    let limits: [Limits]
    let absences: [Absent]
    let advice: [Told<AdviceWords>]
    /// Absent where it is not sure.
    let advised: String?
    let events: [Told<EventWords>]
  }

  struct Limits: Encodable {
    let vtgate: String
    let window: Subjects.Limit
    let maximum: Subjects.Limit
    let leastTime: Subjects.Limit
    let bufferSize: Int?
    /// Absent when it is not known.
    let buffers: Bool?
    let longestWait: Double?
  }

  struct Absent: Encodable {
    let vtgate: String
    let reason: String

    init(_ absence: Failover.Absence) {
      vtgate = absence.address.description
      reason =
        switch absence.reason {
        case .tooRecent: "too-recent"
        case .bufferFull: "buffer-full"
        case .noAnswer: "no-answer"
        case .off: "off"
        case .noTraffic: "no-traffic"
        }
    }
  }

  struct Deed: Encodable {
    let at: String
    let who: String?
    let action: String
    let outcome: String?
    let verdict: String?
  }

  struct Note: Encodable {
    let at: String
    let words: String
  }

  init(_ report: Report, isMasked: Bool) {
    at = report.ended.rfc3339
    cluster = report.cluster
    from = report.began.rfc3339
    to = report.ended.rfc3339
    damage = report.damage
    failovers = report.failovers.map { Part($0) }
    actions = report.deeds.map {
      Deed(
        at: $0.at.rfc3339, who: isMasked ? $0.name : $0.who, action: $0.action, outcome: $0.outcome,
        verdict: $0.verdict)
    }
    notes = report.notes.map { Note(at: $0.at.rfc3339, words: $0.words) }
  }
}

extension Reported.Part {
  init(_ report: FailoverReport) {
    let wording = Wording()
    let failover = report.failover
    self.failover = Ended(failover, number: report.number)
    happened = wording.whatHappened(failover)
    felt = wording.whatWasFelt(failover)
    doubts = wording.doubts(about: failover)
    beginningUnseen = failover.isBeginningUnseen
    endUnseen = report.isEndUnseen
    lagBefore = finite(report.lag.before)
    lagMost = finite(report.lag.most)
    lagAfter = finite(report.lag.after)
    lagThreshold = finite(report.lag.threshold)
    lagMetric = report.lag.metric.name
    limits = failover.tracks.map { track in
      Reported.Limits(
        vtgate: track.address.description, window: .init(track.flags[.window]),
        maximum: .init(track.flags[.maximum]), leastTime: .init(track.flags[.leastTime]),
        bufferSize: track.bufferSize, buffers: track.flags.covers(failover.shard),
        longestWait: milliseconds(track.felt))
    }
    absences = failover.absences.map { Reported.Absent($0) }
    advice = report.advice.map { Told($0, holds: true, at: report.asOf) }
    advised = report.advised.map { wording.words($0) }
    events = report.events.map { Told($0) }
  }
}

/// Any JSON, to be rewritten whatever its shape.
private enum JSONValue: Codable {
  case text(String)
  case flag(Bool)
  case whole(Int)
  case number(Double)
  case list([JSONValue])
  case object([String: JSONValue])
  case nothing

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .nothing
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let whole = try? container.decode(Int.self) {
      self = .whole(whole)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .flag(let flag): try container.encode(flag)
    case .whole(let whole): try container.encode(whole)
    case .number(let number): try container.encode(number)
    case .list(let list): try container.encode(list)
    case .object(let object): try container.encode(object)
    case .nothing: try container.encodeNil()
    }
  }

  /// With every text rewritten; keys stay.
  func mapped(_ rewritten: (String) -> String) -> JSONValue {
    switch self {
    case .text(let text): .text(rewritten(text))
    case .list(let list): .list(list.map { $0.mapped(rewritten) })
    case .object(let object): .object(object.mapValues { $0.mapped(rewritten) })
    case .flag, .whole, .number, .nothing: self
    }
  }
}
