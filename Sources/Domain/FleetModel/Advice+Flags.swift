internal import Terms

/// The buffering flags with which the last failover would have gone well, all taken together.
///
/// vtgate checks these flags against one another when it starts and exits if they do not fit: the
/// window must not exceed the maximum, and up to v17 the least time between two failovers must be
/// at least twice the maximum (go/vt/vtgate/buffer/flags.go, v10 to v24). So no single finding has
/// a remedy of its own.
struct BufferFlagPlan {
  /// What must change, in the order of the limits below; empty when nothing must.
  let changes: [Advice.Setting]

  /// `window`, `maximum`: what would have been enough; nil when the present value was.
  init(_ parts: [AdviceScene.Part], window: Duration?, maximum: Duration?, needsTwice: Bool) {
    let flags = parts.map(\.flags)
    // The least across all vtgates, because every one of them needs enough.
    let known = BufferFlags(source: .defaults)
    let now = (
      window: flags.map(\.window).min() ?? known.window,
      maximum: flags.map(\.maxFailoverDuration).min() ?? known.maxFailoverDuration,
      leastTime: flags.map(\.minTimeBetweenFailovers).min() ?? known.minTimeBetweenFailovers
    )
    let window = max(now.window, window ?? .zero)
    let maximum = max(now.maximum, maximum ?? .zero, window)
    let leastTime = max(now.leastTime, needsTwice ? maximum * 2 : .seconds(1))
    // If the command line is not known, neither is whether the other flags fit.
    let isAssumed = flags.contains { $0.source != .commandLine }
    let isEnough = window == now.window && maximum == now.maximum
    let limits: [(flag: Advice.Flag, value: Duration, now: Duration)] = [
      (.window, window, now.window),
      (.maxFailoverDuration, maximum, now.maximum),
      (.minTimeBetweenFailovers, leastTime, now.leastTime),
    ]
    changes = limits.filter { !isEnough && (isAssumed || $0.value != $0.now) }
      .map { Advice.Setting($0.flag, .seconds($0.value.seconds.rounded(.up))) }
  }
}

extension AdviceScene {
  /// `--buffer_min_time_between_failovers` must be twice the maximum on v10 to v17, which do not
  /// report their release.
  private var needsTwiceTheMaximum: Bool {
    shard.vtgates.allSatisfy { $0.release.wantsPauseOfTwiceTheDuration != false }
  }

  private var changes: [Advice.Setting] {
    BufferFlagPlan(
      parts, window: wantedWindow, maximum: wantedMaximum, needsTwice: needsTwiceTheMaximum
    ).changes
  }

  private func outlasted(_ counts: BufferCounters) -> Int {
    counts.evicted[.windowExceeded, default: 0]
  }

  private var wantedWindow: Duration? {
    guard sum(outlasted) > 0 else { return nil }
    let window = parts.map(\.pastFlags.window).min() ?? .seconds(10)
    return (parts.compactMap(\.felt).max() ?? window).withRoom
  }

  /// Twice what was not enough, because nobody knows how long it would have taken.
  private var wantedMaximum: Duration? { gaveUpAfter.map { $0 * 2 } }

  /// The maximum at which buffering was given up, as the vtgate's own count of milliseconds proves
  /// it, or else as its flag says; nil when it was not given up.
  private var gaveUpAfter: Duration? {
    let parts = parts.filter { $0.counts.stops[.maxDurationExceeded, default: 0] > 0 }
    guard !parts.isEmpty else { return nil }
    // The thread that checks it may be some milliseconds late.
    let proven = parts.compactMap(\.lasted).map { Duration.milliseconds($0.tenths * 100) }
    return proven.min() ?? parts.map(\.pastFlags.maxFailoverDuration).min()
  }

  var windowTooShort: Advice.Kind? {
    let count = sum(outlasted)
    let changes = changes
    guard count > 0, !isHeldByAnother, !changes.isEmpty else { return nil }
    // Where buffering was given up, nobody knows how long it takes, and that advice has the settings.
    let hasGivenUp = gaveUpAfter != nil
    return .windowTooShort(
      requests: count, window: parts.map(\.pastFlags).min { $0.window < $1.window }?[.window],
      took: hasGivenUp || failover?.phase.isOver == false ? nil : parts.compactMap(\.felt).max(),
      raise: hasGivenUp ? [] : changes)
  }

  var maxDurationExceeded: Advice.Kind? {
    let changes = changes
    guard let gaveUpAfter, !isHeldByAnother, !changes.isEmpty else { return nil }
    return .maxDurationExceeded(after: gaveUpAfter, raise: changes)
  }

  var bufferTooSmall: Advice.Kind? {
    func turnedAway(_ counts: BufferCounters) -> Int {
      counts.evicted[.bufferFull, default: 0] + counts.skipped[.bufferFull, default: 0]
    }
    let count = sum(turnedAway)
    guard count > 0, let worst = parts.max(by: { turnedAway($0.counts) < turnedAway($1.counts) })
    else { return nil }
    let others = worst.others.reduce(0) { $0 + $1.peak }
    // What arrived while it was full would have been held as well.
    let wanted = ((worst.peak ?? 0) + others + turnedAway(worst.counts)).withRoom
    if let size = worst.bufferSize, size >= wanted { return nil }
    return .bufferTooSmall(
      requests: count, peak: worst.peak, size: worst.bufferSize, others: worst.others,
      wanted: wanted)
  }
}

extension Int {
  /// A quarter more, rounded up to two digits.
  fileprivate var withRoom: Int {
    let wanted = self + (self + 3) / 4
    var unit = 1
    while wanted / unit >= 100 { unit *= 10 }
    return (wanted + unit - 1) / unit * unit
  }
}

extension Duration {
  /// Half as much again, rounded up to whole seconds.
  fileprivate var withRoom: Duration { .seconds(Int64((seconds * 1.5).rounded(.up))) }

  /// Whole tenths of a second.
  fileprivate var tenths: Int64 { wholeNanoseconds / 100_000_000 }
}
