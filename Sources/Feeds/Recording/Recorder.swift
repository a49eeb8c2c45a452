package import FleetModel
internal import GRDB
internal import Synchronization
package import Terms
package import Watching

/// What a recording says about itself.
package struct RecordingInfo: Sendable, Equatable {
  /// What the operator calls the cluster.
  package let cluster: String
  package let began: Instant
  /// The time between two polls of a server while all is calm.
  package let interval: Duration
  /// Seconds to add to UTC for the times shown.
  package let utcOffset: Int
  /// The program that wrote it, with its version.
  package let program: String

  package init(
    cluster: String, began: Instant, interval: Duration, utcOffset: Int, program: String
  ) {
    self.cluster = cluster
    self.began = began
    self.interval = interval
    self.utcOffset = utcOffset
    self.program = program
  }

  /// What ``program`` starts with if the recording was made from answers saved by something else.
  package static let importer = "sluice import"

  package var isImported: Bool { program.hasPrefix(Self.importer) }
}

extension RecordingInfo {
  var checksum: Int64 {
    Checksum(
      of: [
        .text(cluster), .integer(began.nanoseconds), .integer(interval.wholeNanoseconds),
        .integer(Int64(utcOffset)), .text(program),
      ]
    ).stored
  }
}

/// Writes everything that reaches a watch to a file, in the background.
///
///     observations, ticks, notes ─> inbox ─ at least once a second ─> one transaction
///
/// Taking an item costs no more than storing it: what is new in it is worked out later. If the file
/// cannot be written any more the recording ends, and nothing else does.
package final class Recorder: Sendable {
  /// The time between two transactions: if the program is killed, at most a second is lost.
  package static let pause: Duration = .milliseconds(900)
  /// The most items waiting to be written: a slow disk must not use up all memory.
  private static let capacity = 1 << 17

  private struct Inbox {
    var items: [RecordedItem] = []
    var isClosed = false
    var fault: RecordingFault?
    /// Whether the next watch offered is to be written.
    var wantsWatch = false
  }

  package let path: String
  private let inbox = Mutex(Inbox())
  private let work: Mutex<Task<Void, Never>?> = Mutex(nil)
  private let pause: Duration

  /// Creates the file.
  package init(
    _ path: String, _ info: RecordingInfo, pause: Duration = Recorder.pause
  ) throws(RecordingFault) {
    self.path = path
    self.pause = pause
    let held = try RecordingFile.create(path)
    var writer = RecordingWriter(held.database)
    do {
      try writer.begin(info)
    } catch {
      held.close()
      throw RecordingFault(error)
    }
    work.withLock { [writer] in
      $0 = Task.detached(priority: .utility) { await self.run(writer, held) }
    }
  }

  package func take(_ step: RecordedStep) { put(.step(step)) }
  package func take(_ steps: [RecordedStep]) { for step in steps { take(step) } }
  package func note(_ event: FleetEvent) { put(.event(event)) }
  package func note(_ words: String, at instant: Instant) { put(.note(words, at: instant)) }

  /// Takes the watch, which must have followed everything taken before: its latest failovers each time,
  /// and all of it every now and then.
  package func take(_ watch: Watch) {
    for item in watch.fleet.failovers.recorded { put(item) }
    let isWanted = inbox.withLock { inbox in
      defer { inbox.wantsWatch = false }
      return inbox.wantsWatch
    }
    if isWanted, watch.canBeKept { put(.watch(watch, at: watch.now)) }
  }

  /// Starts from a watch that has followed earlier steps; `steps` retell what is known, for readers
  /// that cannot use the watch.
  package func begin(with steps: [RecordedStep], _ watch: Watch, at instant: Instant) {
    take(steps)
    for item in watch.fleet.failovers.recorded { put(item) }
    if watch.canBeKept { put(.watch(watch, at: instant)) }
  }

  package func take(_ wishes: Wishes, at instant: Instant) { put(.wishes(wishes, at: instant)) }

  /// `report`: how an action stands, as JSON.
  package func act(_ number: Int, report: String, at instant: Instant) {
    put(.action(number, report: report, at: instant))
  }

  /// Why recording has stopped, if it has.
  package var fault: RecordingFault? { inbox.withLock { $0.fault } }

  /// Removes the file: what was to be recorded never started.
  package func discard() async {
    await finish()
    RecordingFile.remove(path)
  }

  /// Returns once recording has stopped, for whatever reason.
  package func ended() async { await work.withLock { $0 }?.value }

  /// Writes what is waiting and closes the recording, leaving a single file.
  package func finish() async {
    inbox.withLock { $0.isClosed = true }
    let task = work.withLock { $0 }
    task?.cancel()
    await task?.value
  }

  private func put(_ item: RecordedItem) {
    inbox.withLock {
      guard !$0.isClosed, $0.items.count <= Self.capacity else { return }
      $0.items.append(item)
    }
  }

  private func run(_ writer: RecordingWriter, _ held: RecordingFile.Held) async {
    var writer = writer
    var last: Instant?
    var isLast = false
    while !isLast {
      try? await Task.sleep(for: pause, tolerance: pause / 20)
      let items: [RecordedItem]
      (items, isLast) = inbox.withLock { inbox in
        defer { inbox.items = [] }
        return (inbox.items, inbox.isClosed)
      }
      last = items.lazy.compactMap(\.at).last ?? last
      do {
        guard items.count <= Self.capacity else {
          throw RecordingFault.failed("it cannot be written as fast as observations come")
        }
        try writer.write(items)
        if writer.wantsWatch { inbox.withLock { $0.wantsWatch = true } }
        if isLast, let last { try writer.end(at: last) }
      } catch {
        inbox.withLock {
          $0.isClosed = true
          $0.items = []
          $0.fault = RecordingFault(error)
        }
        break
      }
    }
    held.close()
  }
}

extension RecordedItem {
  fileprivate var at: Instant? {
    switch self {
    case .step(let step): step.at
    case .event, .failover, .note, .action, .wishes, .watch: nil
    }
  }
}

extension FailoverLog {
  /// How many of the latest failovers may still change.
  private static let stillChanging = 32

  /// The latest failovers as they stand now.
  var recorded: [RecordedItem] {
    all.suffix(Self.stillChanging).map { .failover($0) }
  }
}

extension Watch {
  /// The limit of shards times vtgates for writing the whole watch every now and then.
  private static let keepingLimit = 3000

  /// Beyond the limit the watch would make up a good part of the recording.
  var canBeKept: Bool { fleet.vtgates.count * fleet.summaries.count <= Self.keepingLimit }
}
