package import Buffering
package import FleetModel
package import Terms

/// What a recorded failover comes to with the flags that were in force and with others, for each vtgate
/// and for all.
package struct WhatIfAnswer: Sendable {
  package struct Part: Sendable {
    package let outage: RecordedOutage
    /// The flags that were tried.
    package let flags: RequestBuffer.Configuration
    /// What comes of the flags that were in force.
    package let then: Forecast
    package let now: Result<Forecast, WhatIf.Unanswered>

    /// How far the largest difference is between what was counted and what comes of the flags that were
    /// in force.
    package var off: Int {
      Forecast.Row.all.compactMap { row in
        outage.counted(row).map { abs($0 - then[row].likely) }
      }.max() ?? 0
    }

    /// Polls may hide as much as that: each count lies where arrivals between polls can put it.
    package var isWithinPolls: Bool {
      Forecast.Row.all.allSatisfy { row in
        outage.counted(row).map { then[row].least <= $0 && $0 <= then[row].most ?? .max } ?? true
      }
    }
  }

  /// One setting of a sweep, over all vtgates.
  package struct Step: Sendable {
    package let value: Int64
    /// Nil where there is no answer.
    package let failed: Forecast.Count?
    package let evicted: Forecast.Count?
    package let peak: Forecast.Count?
  }

  package struct Sweep: Sendable {
    package let flag: Advice.Flag
    /// Slots, or whole seconds; none where no vtgate can be told about.
    package let steps: [Step]
    package let least: Result<Int64, FlagSweep.Obstacle>
  }

  package let failover: Failover
  /// Nobody asked for other flags: there is nothing to compare.
  package let asksNothing: Bool
  package let parts: [(vtgate: Address, part: Result<Part, RecordedOutage.Refusal>)]
  package let sweep: Sweep?

  package init(_ again: FailoverAgain, _ asked: AskedFlags, sweep: FlagSweep? = nil) {
    failover = again.failover
    asksNothing = asked == AskedFlags()
    parts = again.parts.map { part in
      (part.vtgate, part.whatIf.map { Part($0, asked) })
    }
    self.sweep = sweep.map { Sweep($0, asked, of: again.answering) }
  }

  /// How many of the vtgates that counted anything can be told about.
  package var told: Int { parts.count { if case .success = $0.part { true } else { false } } }

  /// Over all vtgates; nil where one of them cannot be told about.
  package var avoided: Forecast.Avoided? {
    var sum: Forecast.Avoided?
    for (_, part) in parts {
      guard case .success(let part) = part, case .success(let now) = part.now else { return nil }
      sum = sum.map { $0 + now.avoided } ?? now.avoided
    }
    return sum
  }
}

extension WhatIfAnswer.Part {
  fileprivate init(_ whatIf: WhatIf, _ asked: AskedFlags) {
    outage = whatIf.outage
    flags = asked.over(whatIf.outage.inForce.flags)
    then = whatIf.reproduction()
    do throws(WhatIf.Unanswered) {
      now = .success(try whatIf.forecast(asked))
    } catch {
      now = .failure(error)
    }
  }
}

extension WhatIfAnswer.Sweep {
  fileprivate init(_ sweep: FlagSweep, _ asked: AskedFlags, of parts: [WhatIf]) {
    flag = sweep.flag
    least = sweep.least(asked, of: parts)
    // Of nobody, every setting would lose nothing.
    steps = (parts.isEmpty ? [] : sweep.steps).map { value in
      let forecasts = parts.map { part in
        try? part.forecast(sweep.flags(value, asked, in: part.outage.inForce))
      }
      func sum(_ count: (Forecast) -> Forecast.Count) -> Forecast.Count? {
        forecasts.reduce(Forecast.Count(0)) { sum, forecast in
          guard let sum, let forecast else { return nil }
          return sum + count(forecast)
        }
      }
      return WhatIfAnswer.Step(
        value: value, failed: sum(\.failed), evicted: sum(\.turnedOut), peak: sum(\.peak))
    }
  }
}

extension Forecast {
  /// Those that the buffer throws out.
  fileprivate var turnedOut: Count {
    (evicted[.bufferFull] ?? Count(0)) + (evicted[.windowExceeded] ?? Count(0))
  }
}

extension Forecast.Count {
  fileprivate static func + (left: Self, right: Self) -> Self {
    Self(
      left.least + right.least, likely: left.likely + right.likely,
      left.most.flatMap { most in right.most.map { most + $0 } })
  }
}
