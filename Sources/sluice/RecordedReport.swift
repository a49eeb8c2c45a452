internal import ArgumentParser
internal import FleetModel
internal import Recording
internal import Reporting
internal import TerminalKit
internal import Terms
internal import Watching
internal import Wording

/// The report of a recording, by replaying it.
struct RecordedReport {
  /// What a watch follows before the time that is asked for: what failed is told from what fails
  /// all the time.
  private static let runUp: Duration = .seconds(120)
  /// What it follows after a failover, until all is known of it.
  private static let aftermath: Duration = .seconds(61)
  /// How far apart the same failover may be in a replay that did not begin at the beginning.
  private static let tolerance: Duration = .seconds(5)

  let report: Report
  let damage: RecordingFault?
  /// Stand-ins for all servers of the recording.
  let mask: HostMask

  /// `failover`: the only one, by its number in the recording; `from`, `to`: times as they are typed.
  init(_ path: String, failover: Int?, from: String?, to: String?) throws {
    var reader = try RecordedFile.open(path)
    let info = reader.info
    let known = reader.failovers()
    let one = try failover.map { try RecordedFile.failover($0, among: known) }
    let began = try one?.began ?? RecordedFile.moment(from, in: reader, named: "--from")
    let end = try one.map { $0.ended } ?? RecordedFile.moment(to, in: reader, named: "--to")
    if let began, let end, end < began {
      throw ValidationError("--to is before --from")
    }

    var watch = Watch(info.watching, at: info.began)
    var collector = ReportCollector()
    var mask = HostMask([])
    var isSought = false
    /// False once all is known that is asked for.
    func follow(_ step: RecordedStep) -> Bool {
      if let end, step.at > end + Self.aftermath { return false }
      _ = watch.follow(step)
      if case .observed(let observation) = step {
        switch observation.news {
        case .watching(let target): mask.add([target])
        case .outcome(let outcome): mask.add([outcome.target])
        default: break
        }
      }
      if case .tick = step { collector.look(at: watch) }
      return true
    }
    var goesOn = true
    if began.map({ $0 - Self.runUp <= info.began }) ?? true, let start = reader.start {
      let (known, ahead) = reader.watch(at: start, info.watching)
      watch = known
      mask.add(watch.fleet.servers)
      goesOn = ahead.allSatisfy { follow($0) }
    } else if let began, began - Self.runUp > info.began {
      isSought = true
      collector = ReportCollector { failover in
        known.filter { $0.shard == failover.shard }
          .map { (id: $0.id, distance: abs((failover.detected.at - $0.began).seconds)) }
          .filter { $0.distance <= Self.tolerance.seconds }
          .min { $0.distance < $1.distance }?.id ?? failover.id
      }
      let (sought, ahead) = reader.watch(at: began - Self.runUp, info.watching)
      watch = sought
      mask.add(watch.fleet.servers)
      goesOn = ahead.allSatisfy { follow($0) }
    }
    while goesOn, let steps = reader.next() {
      goesOn = steps.allSatisfy { follow($0) }
    }
    _ = watch.settle(at: watch.now)
    collector.look(at: watch)

    let damage = goesOn ? reader.damage : nil
    let (first, last) = (began ?? info.began, end ?? watch.now)
    let failovers = collector.reports.values.filter { report in
      if let one { return isSought ? report.number == one.id : report.failover.id == one.id }
      return (report.failover.ended?.at ?? watch.now) >= first && report.failover.earliest <= last
    }
    let span = one == nil ? first...max(first, last) : info.began...max(info.began, reader.end())
    self.damage = damage
    self.mask = mask
    report = Report(
      of: info.cluster, from: span.lowerBound, to: span.upperBound, utcOffset: info.utcOffset,
      failovers,
      deeds: reader.actions().filter { span.contains($0.at) }.map {
        Report.Deed(
          at: $0.at, action: $0.action, outcome: $0.outcome, verdict: $0.verdict, who: $0.who)
      },
      notes: reader.notes().filter { span.contains($0.at) }.map {
        Report.Note(at: $0.at, words: $0.words)
      },
      isOfOne: one != nil, damage: damage?.description)
  }
}
