internal import FleetModel
internal import Terms
internal import Wording

extension Told<AdviceWords> {
  /// `holds`: true when it holds from now on, false when it no longer does.
  init(_ advice: Advice, holds: Bool, at now: Instant) {
    self.init(words: AdviceWords(advice, holds: holds, at: now), subjects: Subjects(advice))
  }
}

/// A piece of advice in words.
struct AdviceWords: Encodable {
  let version = JSONLine.version
  let type = "advice"
  let at: String
  let shard: String
  let rule: String
  let kind: String
  let holds: Bool
  let severity: String
  let finding: String
  let remedy: String

  init(_ advice: Advice, holds: Bool, at now: Instant) {
    let wording = Wording()
    at = now.rfc3339
    shard = advice.shard.description
    rule = advice.rule.rawValue
    kind = advice.kind.name
    self.holds = holds
    severity = advice.severity.word
    finding = wording.finding(advice)
    remedy = wording.remedy(advice)
  }
}

extension Advice.SwitchHold {
  /// Nil where it is not known, or not the same at all vtgates.
  fileprivate var isBuffered: Bool? {
    switch self {
    case .held: true
    case .off, .unsupported: false
    case .unknown, .differing: nil
    }
  }
}

extension Subjects {
  fileprivate init(_ advice: Advice) {
    func settings(_ all: [Advice.Setting]) -> [Setting] {
      all.map { Setting(flag: Wording().spelled($0.flag, in: advice), value: $0.value.asFlag) }
    }
    switch advice.kind {
    case .serversDisagree(let found): take(found)
    case .bufferingOff(let vtgates, let isOffEverywhere, let isLeftOut):
      take(vtgates)
      (everywhere, leftOut) = (isOffEverywhere, isLeftOut)
    case .coolDown(let wait, _): lasting = milliseconds(wait)
    case .failoversTooClose(let requests, let haveFailed, let leastTime):
      (self.requests, failed, self.leastTime) = (requests, haveFailed, Limit(leastTime))
    case .bufferTooSmall(let requests, let peak, let size, let others, let wanted):
      (self.requests, self.peak, bufferSize) = (requests, peak, size)
      self.others = others.map { Neighbour(shard: $0.shard.description, peak: $0.peak) }
      self.settings = [Setting(flag: Wording().spelled(.size, in: advice), value: "\(wanted)")]
    case .windowTooShort(let requests, let window, let took, let changes):
      (self.requests, self.window) = (requests, window.map { Limit($0) })
      (self.took, self.settings) = (milliseconds(took), settings(changes))
    case .clientsGaveUp(let requests, let window):
      (self.requests, self.window) = (requests, window.map { Limit($0) })
    case .maxDurationExceeded(let time, let changes):
      (after, self.settings) = (milliseconds(time), settings(changes))
    case .waitedForAnother(let culprit, let isOver):
      (waitedFor, over) = (culprit.description, isOver)
    case .cutoverUnderWay(let cutover, let inFlight, let limit):
      (self.cutover, self.inFlight, maximum) = (PlannedCutover(cutover), inFlight, Limit(limit))
    case .cutoverNotDone(let cutover): self.cutover = PlannedCutover(cutover)
    case .serverNotUsable(let server, let fault, let others):
      (self.server, servers) = (server, others)
      reason = if case .draining = fault { "draining" } else { "down" }
    case .primaryReadOnly(let server, let others): (self.server, servers) = (server, others)
    case .rolledBack(let primary), .samePrimary(let primary): self.primary = primary.description
    case .switchAhead(let workflow, let age, let hold):
      (self.workflow, self.age) = (Topo.Workflow(workflow), milliseconds(age))
      buffered = hold.isBuffered
    case .trafficSwitch(let held): lasting = milliseconds(held)
    case .switchHalfDone(let routing): topo = routing.map { Topo($0) }
    case .switchNotDone(let primary, let routing):
      (self.primary, topo) = (primary.description, routing.map { Topo($0) })
    case .vtgateUnmoved(let vtgates): take(vtgates)
    case .lagOverThreshold(let lag): take(lag)
    case .heartbeatsOff: break
    case .throttlerDormant(let isUnasked): unasked = isUnasked
    }
  }
}
