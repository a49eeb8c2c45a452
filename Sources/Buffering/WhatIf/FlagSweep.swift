internal import Buffering
package import FleetModel
internal import Terms

/// One flag with values from one end to the other.
package struct FlagSweep: Sendable, Equatable {
  package enum Values: Sendable, Equatable {
    case sizes(ClosedRange<Int>)
    case windows(ClosedRange<Duration>)
    case maxima(ClosedRange<Duration>)
  }

  /// What keeps a setting from losing nothing.
  package enum Obstacle: Error, Sendable, Equatable {
    /// No vtgate can be told about.
    case nobodyTold
    case unanswered(WhatIf.Unanswered)
    /// It comes too soon after what was before.
    case tooSoon
    /// Buffering is given up.
    case givesUp
    /// Requests outlast their window.
    case window
    /// They may not all fit.
    case size

    /// Its kind, as programs read it.
    package var name: String {
      switch self {
      case .nobodyTold: "nobody-told"
      case .unanswered(let unanswered): unanswered.name
      case .tooSoon: "too-soon"
      case .givesUp: "gives-up"
      case .window: "window"
      case .size: "size"
      }
    }
  }

  package let values: Values

  package init(_ values: Values) { self.values = values }

  package var flag: Advice.Flag {
    switch values {
    case .sizes: .size
    case .windows: .window
    case .maxima: .maxFailoverDuration
    }
  }

  /// Values to show: at most twelve, each as many times the one before.
  package var steps: [Int64] {
    let (from, to) = ends
    let ratio = Double(to) / Double(from)
    var steps: [Int64] = []
    for step in 0..<12 {
      let value = Int64((Double(from) * ratio.power(of: step, over: 11)).rounded())
      let clamped = min(to, max(from, value))
      if steps.last != clamped { steps.append(clamped) }
    }
    return steps
  }

  /// The flags with one value of the sweep.
  ///
  /// vtgate does not start unless the window fits into the maximum: the other one follows.
  package func flags(_ value: Int64, _ asked: AskedFlags, in force: FlagsInForce) -> AskedFlags {
    var asked = asked
    let flags = asked.over(force.flags)
    switch values {
    case .sizes: asked.size = Int(value)
    case .windows:
      let window = Duration.seconds(value)
      asked.window = window
      if flags.maxFailoverDuration < window { asked.maxFailoverDuration = window }
    case .maxima:
      let maximum = Duration.seconds(value)
      asked.maxFailoverDuration = maximum
      if flags.window > maximum { asked.window = maximum }
    }
    return asked
  }

  /// The least value with which it is sure that nothing is lost, or what keeps even the best from it.
  package func least(
    _ asked: AskedFlags, of parts: [WhatIf]
  ) -> Result<Int64, Obstacle> {
    guard !parts.isEmpty else { return .failure(.nobodyTold) }
    func obstacle(_ value: Int64) -> Obstacle? {
      for part in parts {
        let asked = flags(value, asked, in: part.outage.inForce)
        do throws(WhatIf.Unanswered) {
          if let found = Obstacle(try part.forecast(asked)) { return found }
        } catch { return .unanswered(error) }
      }
      return nil
    }
    var (low, high) = ends
    if let found = obstacle(high) { return .failure(found) }
    while low < high {
      let middle = low + (high - low) / 2
      if obstacle(middle) == nil { high = middle } else { low = middle + 1 }
    }
    return .success(high)
  }

  /// Slots, or whole seconds.
  private var ends: (Int64, Int64) {
    switch values {
    case .sizes(let range): (Int64(range.lowerBound), Int64(range.upperBound))
    case .windows(let range), .maxima(let range):
      (
        Int64(range.lowerBound.seconds.rounded(.up)),
        max(
          Int64(range.lowerBound.seconds.rounded(.up)),
          Int64(range.upperBound.seconds.rounded(.down)))
      )
    }
  }
}

extension FlagSweep.Obstacle {
  /// Nil where nothing is lost.
  init?(_ forecast: Forecast) {
    if forecast.losesNothing { return nil }
    if forecast.starts.most == 0 {
      self = .tooSoon
    } else if forecast.stops[.maxDurationExceeded]?.most ?? 0 > 0 {
      self = .givesUp
    } else if forecast.evicted[.windowExceeded]?.most != 0 {
      self = .window
    } else {
      self = .size
    }
  }
}

extension Double {
  /// To the power of `part` over `whole`, both small.
  fileprivate func power(of part: Int, over whole: Int) -> Double {
    // Halving finds the root closely enough to space settings.
    var (low, high) = (1.0, Swift.max(1, self))
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let power = (0..<whole).reduce(1.0) { product, _ in product * middle }
      if power < self { low = middle } else { high = middle }
    }
    return (0..<part).reduce(1.0) { product, _ in product * low }
  }
}
