package import FleetModel
package import Terms
internal import Watching

/// Writes a recording of past events, as fast as they are told.
///
/// It does what a watch and a ``Recorder`` do live, on the clock of what it is told.
package struct PastRecorder {
  /// What is told within this time goes into one transaction, as it does live.
  private static let batch: Duration = Recorder.pause

  private let held: RecordingFile.Held
  private let cluster: String
  private var writer: RecordingWriter
  private var watch: Watch
  private var items: [RecordedItem] = []
  private var batchBegan: Instant

  /// Creates the file.
  package init(_ path: String, _ info: RecordingInfo) throws(RecordingFault) {
    held = try RecordingFile.create(path)
    writer = RecordingWriter(held.database)
    cluster = info.cluster
    watch = Watch(Watch.Settings(cluster: info.cluster, interval: info.interval), at: info.began)
    batchBegan = info.began
    do {
      try writer.begin(info)
    } catch {
      held.close()
      throw RecordingFault(error)
    }
  }

  /// Takes what was observed at a moment; moments must not go back.
  package mutating func observe(
    _ news: Observation.News, at instant: Instant
  ) throws(RecordingFault) {
    try take(.observed(Observation(of: cluster, at: instant, news)))
  }

  package mutating func take(_ step: RecordedStep) throws(RecordingFault) {
    if step.at - batchBegan >= Self.batch { try write(nextFrom: step.at) }
    items.append(.step(step))
    for event in watch.follow(step) { items.append(.event(event)) }
    guard case .tick = step else { return }
    items += watch.fleet.failovers.recorded
    guard writer.wantsWatch, watch.canBeKept else { return }
    items.append(.watch(watch, at: watch.now))
    try write(nextFrom: step.at)
  }

  /// Closes the recording, leaving a single file.
  package mutating func finish() throws(RecordingFault) {
    defer { held.close() }
    items += watch.fleet.failovers.recorded
    try write(nextFrom: watch.now)
    do {
      try writer.end(at: watch.now)
    } catch {
      throw RecordingFault(error)
    }
  }

  private mutating func write(nextFrom instant: Instant) throws(RecordingFault) {
    do {
      try writer.write(items)
    } catch {
      throw RecordingFault(error)
    }
    items = []
    batchBegan = instant
  }
}
