internal import Buffering
internal import FleetModel
internal import Terms
package import WhatIf
package import Wording

extension JSONLine {
  /// The answer of `sluice what-if --json`.
  ///
  /// `number`: of the failover in its recording.
  package func text(
    _ answer: WhatIfAnswer, number: Int, interval: Duration, _ wording: Wording
  ) -> String {
    encode(Answered(answer, number, interval, wording))
  }
}

private struct Answered: Encodable {
  let version = JSONLine.version
  let type = "what-if"
  let at: String
  let failover: Int
  let shard: String
  let pollInterval: Double?
  let vtgates: [Part]
  /// Absent where one of the vtgates cannot be told about.
  let avoided: Avoided?
  let sweep: Sweep?

  struct Part: Encodable {
    let vtgate: String
    /// Why it cannot be told about.
    var refusal: Reason?
    var inForce: Flags?
    var notRead: [String]?
    var asked: Flags?
    var counts: Counts?
    var peak: Int?
    var reproduced: Foretold?
    var off: Int?
    var withinPolls: Bool?
    /// Why there is no answer for the flags asked for.
    var unanswered: Reason?
    var foretold: Foretold?
    var asRecorded: Bool?
  }

  struct Reason: Encodable {
    let kind: String
    let text: String
    /// The flag that nobody read.
    var flag: String?
    /// The families of counters that are missing.
    var unreported: [String]?
  }

  struct Flags: Encodable {
    let bufferSize: Int
    let window: Double?
    let maximum: Double?
    let leastTime: Double?
    let drainConcurrency: Int

    init(_ flags: RequestBuffer.Configuration) {
      bufferSize = flags.size
      window = milliseconds(flags.window)
      maximum = milliseconds(flags.maxFailoverDuration)
      leastTime = milliseconds(flags.minTimeBetweenFailovers)
      drainConcurrency = flags.drainConcurrency
    }
  }

  struct Number: Encodable {
    let least: Int
    let likely: Int
    /// Absent where nothing bounds it.
    let most: Int?
    let exact: Bool

    init(_ count: Forecast.Count) {
      (least, likely, most, exact) = (count.least, count.likely, count.most, count.isExact)
    }
  }

  struct Time: Encodable {
    let least: Double?
    let likely: Double?
    let most: Double?
    let exact: Bool

    init(_ wait: Forecast.Wait) {
      least = milliseconds(wait.least)
      likely = milliseconds(wait.likely)
      most = milliseconds(wait.most)
      exact = wait.isExact
    }
  }

  struct Avoided: Encodable {
    let least: Int?
    let likely: Int
    let most: Int?
    let exact: Bool

    init(_ avoided: Forecast.Avoided) {
      (least, likely, most) = (avoided.least, avoided.likely, avoided.most)
      exact = avoided.isExact
    }
  }

  struct Foretold: Encodable {
    let starts: Number
    let stops: [String: Number]
    let buffered: Number
    let drained: Number
    let evicted: [String: Number]
    let skipped: [String: Number]
    let peak: Number
    let longestWait: Time
    let letDown: Number

    init(_ forecast: Forecast) {
      starts = Number(forecast.starts)
      stops = Self.named(forecast.stops)
      buffered = Number(forecast.buffered)
      drained = Number(forecast.drained)
      evicted = Self.named(forecast.evicted)
      skipped = Self.named(forecast.skipped)
      peak = Number(forecast.peak)
      longestWait = Time(forecast.longestWait)
      letDown = Number(forecast.failed)
    }

    private static func named<Reason: RawRepresentable<String>>(
      _ counts: [Reason: Forecast.Count]
    ) -> [String: Number] {
      Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, Number($0.value)) })
    }
  }

  struct Sweep: Encodable {
    let flag: String
    let steps: [Step]
    /// The least value with which nothing is lost; absent where there is none.
    let enough: Int64?
    let obstacle: Reason?

    struct Step: Encodable {
      let value: Int64
      let thrownOut: Number?
      let peak: Number?
      let letDown: Number?
    }
  }

  init(_ answer: WhatIfAnswer, _ number: Int, _ interval: Duration, _ wording: Wording) {
    at = answer.failover.detected.at.rfc3339
    failover = number
    shard = answer.failover.shard.description
    pollInterval = milliseconds(interval)
    vtgates = answer.parts.map { Part($0.vtgate, $0.part, wording, answer.failover.gates) }
    avoided = answer.avoided.map { Avoided($0) }
    sweep = answer.sweep.map { Sweep($0, wording, answer.failover.gates) }
  }
}

extension Answered.Part {
  init(
    _ address: Address, _ part: Result<WhatIfAnswer.Part, RecordedOutage.Refusal>,
    _ wording: Wording, _ gates: Gates
  ) {
    vtgate = wording.name(address)
    switch part {
    case .failure(let refusal):
      self.refusal = Answered.Reason(refusal.name, wording.words(refusal, of: gates))
      if case .uncounted(let families) = refusal { self.refusal?.unreported = families.names }
    case .success(let part): tell(part, wording, gates)
    }
  }

  private mutating func tell(_ part: WhatIfAnswer.Part, _ wording: Wording, _ gates: Gates) {
    let outage = part.outage
    inForce = Answered.Flags(outage.inForce.flags)
    notRead = outage.inForce.unknown.map(\.rawValue)
    asked = Answered.Flags(part.flags)
    counts = Counts(outage.counts)
    peak = outage.peak
    reproduced = Answered.Foretold(part.then)
    off = part.off
    withinPolls = part.isWithinPolls
    switch part.now {
    case .success(let forecast):
      foretold = Answered.Foretold(forecast)
      asRecorded = forecast.isAsRecorded
    case .failure(let why): unanswered = Answered.Reason(why, wording, gates)
    }
  }
}

extension Answered.Reason {
  init(_ kind: String, _ text: String) { (self.kind, self.text) = (kind, text) }

  init(_ unanswered: WhatIf.Unanswered, _ wording: Wording, _ gates: Gates) {
    self.init(unanswered.name, wording.words(unanswered, of: gates))
    if case .unknown(let flag) = unanswered { self.flag = flag.rawValue }
  }

  init(_ obstacle: FlagSweep.Obstacle, _ wording: Wording, _ gates: Gates) {
    if case .unanswered(let unanswered) = obstacle {
      self.init(unanswered, wording, gates)
    } else {
      self.init(obstacle.name, wording.words(obstacle, of: gates))
    }
  }
}

extension Answered.Sweep {
  init(_ sweep: WhatIfAnswer.Sweep, _ wording: Wording, _ gates: Gates) {
    flag = sweep.flag.rawValue
    steps = sweep.steps.map { step in
      Step(
        value: step.value, thrownOut: step.evicted.map { Answered.Number($0) },
        peak: step.peak.map { Answered.Number($0) },
        letDown: step.failed.map { Answered.Number($0) })
    }
    switch sweep.least {
    case .success(let value): (enough, obstacle) = (value, nil)
    case .failure(let why):
      (enough, obstacle) = (nil, Answered.Reason(why, wording, gates))
    }
  }
}
