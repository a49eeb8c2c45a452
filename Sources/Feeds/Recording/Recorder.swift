package import FleetModel
internal import GRDB
internal import Synchronization
package import Terms
package import Watching

/// What a recording says of itself.
package struct RecordingInfo: Sendable, Equatable {
  /// What the operator calls the cluster.
  package let cluster: String
  package let began: Instant
  /// Between two polls of a server while nothing goes on.
  package let interval: Duration
  /// Seconds to add to UTC for the times that were shown.
  package let utcOffset: Int
  /// The program that wrote it, and its version.
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

  /// What ``program`` begins with where the recording was made of answers to somebody else.
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

/// Writes all that reaches a watch into a file, beside whoever watches.
///
///     observations, ticks, notes ─> inbox ─ at least once a second ─> one transaction
///
/// Taking something costs no more than keeping it: what is new in it is found out later. Once the file
/// cannot be written, the recording is over; nothing else is.
package final class Recorder: Sendable {
  /// Between two transactions: whoever kills the program loses no more than a second.
  package static let pause: Duration = .milliseconds(900)
  /// What can wait to be written; a disk that does not keep up must not take all memory.
  private static let capacity = 1 << 17

  private struct Inbox {
    var items: [RecordedItem] = []
    var isClosed = false
    var fault: RecordingFault?
    /// Whether the next watch is to be written as it stands.
    var wantsWatch = false
  }

  package let path: String
  private let inbox = Mutex(Inbox())
  private let work: Mutex<Task<Void, Never>?> = Mutex(nil)
  private let pause: Duration

  /// Makes the file.
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

  /// Takes a watch as it stands once it has followed what was taken before: its last failovers, and
  /// every now and then all of it.
  package func take(_ watch: Watch) {
    for item in watch.fleet.failovers.recorded { put(item) }
    let isWanted = inbox.withLock { inbox in
      defer { inbox.wantsWatch = false }
      return inbox.wantsWatch
    }
    if isWanted, watch.canBeKept { put(.watch(watch, at: watch.now)) }
  }

  /// Begins with what a watch knows that has followed other steps; `steps` tell as much of it as they can.
  package func begin(with steps: [RecordedStep], _ watch: Watch, at instant: Instant) {
    take(steps)
    for item in watch.fleet.failovers.recorded { put(item) }
    if watch.canBeKept { put(.watch(watch, at: instant)) }
  }

  package func take(_ wishes: Wishes, at instant: Instant) { put(.wishes(wishes, at: instant)) }

  /// `report`: what came of an action so far, as JSON.
  package func act(_ number: Int, report: String, at instant: Instant) {
    put(.action(number, report: report, at: instant))
  }

  /// Why nothing more is recorded, where that is so.
  package var fault: RecordingFault? { inbox.withLock { $0.fault } }

  /// Leaves no file: what it was made for has not begun.
  package func discard() async {
    await finish()
    RecordingFile.remove(path)
  }

  /// Returns when nothing more is recorded, for whatever reason.
  package func ended() async { await work.withLock { $0 }?.value }

  /// Writes what has come, and leaves one file; returns when that is done.
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
  /// Failovers of which something may still change.
  private static let stillChanging = 32

  /// The last failovers of a run as they stand now.
  var recorded: [RecordedItem] {
    all.suffix(Self.stillChanging).map { .failover($0) }
  }
}

extension Watch {
  /// Shards times vtgates, up to which all of it can be written every now and then.
  private static let keepingLimit = 3000

  /// Beyond that it would be a good part of what there is to write.
  var canBeKept: Bool { fleet.vtgates.count * fleet.summaries.count <= Self.keepingLimit }
}
