internal import Terms

/// The buffering flags with which the last failover would have gone well, all of them together.
///
/// vtgate checks them at its start and exits where they do not fit one another: a window is at most the
/// maximum, and up to v17 the least time between two failovers is at least twice the maximum
/// (go/vt/vtgate/buffer/flags.go, v10 to v24). So no finding has a remedy of its own.
struct BufferFlagPlan {
  private var window: Duration
  private var maximum: Duration
  private var leastTime: Duration
  /// Names and values of what must change, in the order of the names here.
  let changes: [(name: String, value: Duration)]

  /// `window`, `maximum`: what would have been enough; nil where what there is was.
  init(_ parts: [AdviceScene.Part], window: Duration?, maximum: Duration?, needsTwice: Bool) {
    let flags = parts.map(\.flags)
    // The least of all vtgates: what is enough for them all is enough for each.
    let known = BufferFlags(source: .defaults)
    let now = (
      window: flags.map(\.window).min() ?? known.window,
      maximum: flags.map(\.maxFailoverDuration).min() ?? known.maxFailoverDuration,
      leastTime: flags.map(\.minTimeBetweenFailovers).min() ?? known.minTimeBetweenFailovers
    )
    self.window = max(now.window, window ?? .zero)
    self.maximum = max(now.maximum, maximum ?? .zero, self.window)
    leastTime = max(now.leastTime, needsTwice ? self.maximum * 2 : .seconds(1))
    // Where the command line is not known, so is not whether the rest fits.
    let isAssumed = flags.contains { $0.source != .commandLine }
    let isEnough = self.window == now.window && self.maximum == now.maximum
    changes = [
      ("buffer-window", self.window, now.window),
      ("buffer-max-failover-duration", self.maximum, now.maximum),
      ("buffer-min-time-between-failovers", leastTime, now.leastTime),
    ].filter { !isEnough && (isAssumed || $0.1 != $0.2) }.map { ($0.0, $0.1) }
  }
}

extension AdviceScene {
  /// `--buffer_min_time_between_failovers` must be twice the maximum on v10 to v17, which do not tell
  /// their release.
  private var needsTwiceTheMaximum: Bool {
    shard.vtgates.allSatisfy { $0.release.wantsPauseOfTwiceTheDuration != false }
  }

  private var plan: BufferFlagPlan {
    BufferFlagPlan(
      parts, window: wantedWindow, maximum: wantedMaximum, needsTwice: needsTwiceTheMaximum)
  }

  /// `raise --buffer_window to 45s, --buffer_max_failover_duration to 45s`; nil when nothing is to be
  /// changed.
  private var change: String? {
    let changes = plan.changes.map { change in
      let value = Duration.seconds(change.value.seconds.rounded(.up))
      return "\(flag(change.name)) to \(value.asFlag)"
    }
    return changes.isEmpty ? nil : "raise " + changes.joined(separator: ", ")
  }

  private func outlasted(_ counts: BufferCounters) -> Int {
    counts.evicted[.windowExceeded, default: 0]
  }

  private var wantedWindow: Duration? {
    guard sum(outlasted) > 0 else { return nil }
    let window = parts.map(\.pastFlags.window).min() ?? .seconds(10)
    return (parts.compactMap(\.felt).max() ?? window).withRoom
  }

  /// Twice what was not enough: how long it would have taken nobody knows.
  private var wantedMaximum: Duration? { gaveUpAfter.map { $0 * 2 } }

  /// The maximum at which buffering was given up, as the vtgate's own count of milliseconds proves it,
  /// else as its flag says; nil when it was not.
  private var gaveUpAfter: Duration? {
    let parts = parts.filter { $0.counts.stops[.maxDurationExceeded, default: 0] > 0 }
    guard !parts.isEmpty else { return nil }
    // The thread that looks at it may be some milliseconds late.
    let proven = parts.compactMap(\.lasted).map { Duration.milliseconds($0.tenths * 100) }
    return proven.min() ?? parts.map(\.pastFlags.maxFailoverDuration).min()
  }

  var windowTooShort: Finding? {
    let count = sum(outlasted)
    guard count > 0, !isHeldByAnother, let change else { return nil }
    let window = parts.map(\.pastFlags).min { $0.window < $1.window }
    let then = window.map { "the window of \($0.window.inTenths)\($0.remark(on: .window))" }
    let took =
      parts.compactMap(\.felt).max()
      .map { ", the last failover took \($0.inTenths)" } ?? ""
    return (.warning, "\(count.grouped) requests outlasted \(then ?? "the window")\(took)", change)
  }

  var maxDurationExceeded: Finding? {
    guard let gaveUpAfter, !isHeldByAnother, let change else { return nil }
    return (
      .critical,
      "buffering was given up after \(gaveUpAfter.inTenths), before a primary was seen",
      "find out why it took so long, or \(change)"
    )
  }

  var bufferTooSmall: Finding? {
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
    let size = worst.bufferSize.map { ", size \($0.grouped)" } ?? ""
    let peak = worst.peak.map { " (peak \($0.grouped)\(size))" } ?? ""
    let names = worst.others.prefix(3).map { "\($0.shard) held \($0.peak.grouped)" }
    let shared =
      names.isEmpty ? "" : "; the size is shared, \(names.joined(separator: ", ")) at most"
    return (
      .critical, "\(count.grouped) requests failed because a buffer was full\(peak)\(shared)",
      "raise \(flag("buffer-size")) to \(wanted) or more"
    )
  }
}

extension Int {
  /// A quarter more, to two digits.
  fileprivate var withRoom: Int {
    let wanted = self + (self + 3) / 4
    var unit = 1
    while wanted / unit >= 100 { unit *= 10 }
    return (wanted + unit - 1) / unit * unit
  }
}

extension Duration {
  /// Half as much more, to whole seconds.
  fileprivate var withRoom: Duration { .seconds(Int64((seconds * 1.5).rounded(.up))) }

  /// Whole tenths of a second.
  fileprivate var tenths: Int64 { wholeNanoseconds / 100_000_000 }

  /// As a flag takes it: `20s`.
}
