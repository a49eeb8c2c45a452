internal import FleetModel
package import Terms
package import Watching

extension RecordingReader {
  /// What a watch follows before a moment that is sought: what is on a screen rests on the last minutes.
  private static let runUp: Duration = .seconds(120)
  /// Of so many servers; of more it follows them for a shorter time.
  private static let runUpServers = 30

  /// A watch as it was at a moment, and the steps that were read beyond it.
  ///
  /// From the beginning of the recording it is what it was; else it has followed the last minutes only.
  /// From before those it has the events, as they were when they were found, and no failover.
  package mutating func watch(at instant: Instant, _ settings: Watch.Settings) -> (
    watch: Watch, ahead: ArraySlice<RecordedStep>
  ) {
    let share = min(1, Double(Self.runUpServers) / Double(max(1, serverCount)))
    let start = max(info.began, instant - max(.seconds(5), Self.runUp * share))
    var watch: Watch
    if start > info.began {
      let known = seek(to: start)
      // Steps are read from the beginning of a batch on, which may lie before.
      let begin = min(start, nextBegan ?? start)
      watch = Watch(settings, at: begin)
      for step in known { _ = watch.follow(step) }
      // What was known lets the same be found once more; the file has it as it was found at the time.
      watch.forgetEvents()
      for event in events(before: begin) {
        watch.take(Observation(of: settings.cluster, at: event.at, .event(event.alone)))
      }
    } else {
      rewind()
      watch = Watch(settings, at: start)
    }
    var ahead: ArraySlice<RecordedStep> = []
    while ahead.isEmpty, let steps = next() {
      ahead = steps.drop { step in
        guard step.at <= instant else { return false }
        _ = watch.follow(step)
        return true
      }
    }
    _ = watch.settle(at: instant)
    return (watch, ahead)
  }
}

extension FleetEvent {
  /// Without its failover, whose number another one may get after a moment was sought.
  fileprivate var alone: FleetEvent {
    failover == nil ? self : FleetEvent(at: at, shard: shard, kind, sources: sources)
  }
}
