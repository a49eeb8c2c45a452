internal import ArgumentParser
internal import FleetModel
internal import Lines
internal import Operations
internal import Session
internal import TerminalKit
internal import Terms
internal import Timing
internal import Watching
internal import Wording

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Print the state of the fleet once; exit with 0, 1 or 2.",
    discussion: """
      The exit status is 0 when the fleet is healthy, 1 when it is degraded (buffering, lag over the \
      throttler's threshold, buffering off, a server that does not answer, a source of servers that was never read), 2 when it is failing (a \
      shard without a primary, or nothing known), and 74 when it cannot be printed. What --ignore names, the source shard of a finished \
      reshard, a snapshot keyspace (with --vtctld), and records of tablets that left long ago are notes and no \
      problems. Where one look cannot tell a fault from a change, it goes on looking for a few seconds.

      For example:
        sluice check --cluster prod-eu
        sluice check --vtgate vtgate-1:15001 --ignore 'restore_*' --ignore zone3 --json
      """)

  @OptionGroup var fleet: FleetOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions

  @OptionGroup(title: OptionSection.look) var look: LookOptions

  @Flag(help: "Print one JSON object, as docs/json.md describes.")
  var json = false

  @OptionGroup(title: "Recordings") var recorded: RecordedOptions

  func validate() throws {
    if recorded.recording == nil { try fleet.requireTargets() }
  }

  @MainActor
  func run() async throws {
    StandardOutput.require()
    if recorded.recording == nil {
      for doubt in fleet.doubtsAboutSecrets + vtctld.remarks { warn(doubt) }
    }
    let clock = RunClock()
    let watch: Watch
    if let file = recorded.recording {
      watch = try RecordedFile.watch(file, at: recorded.at, ignoring: fleet.ignored).watch
    } else {
      let topo = try vtctld.client(try fleet.access)
      watch = await Look.take(
        fleet.targets, settings: fleet.watching, feed: try fleet.feed(clock, vtctld),
        deadline: look.wait.duration, looksTwice: true,
        access: ClusterAccess(
          vtctld: topo, try fleet.access, audit: vtctld.audit(cluster: fleet.title)),
        now: { clock.now })
    }
    let now = recorded.recording == nil ? clock.now : watch.now
    let check = watch.check(watch.fleet)
    // Of a fleet that is not known, nobody can say.
    if !watch.fleet.summaries.isEmpty {
      for pattern in watch.fleet.unmatched(among: fleet.ignored) {
        warn("--ignore \(pattern): nothing that is known has such a name".safe(limit: 400))
      }
    }
    if json {
      StandardOutput.say(JSONLine().text(check, at: now))
    } else {
      let wording = Wording()
      let aside = check.setAside == 0 ? "" : ", set aside: \(check.setAside.grouped)"
      StandardOutput.say(
        "\(check.health.word); shards: \(check.shards.count.grouped), problems: \(check.problems.count.grouped)\(aside)"
      )
      for problem in check.problems {
        StandardOutput.say(wording.line(problem, of: check.gates).safe(limit: 2000))
      }
      for note in check.notes {
        StandardOutput.say(
          ("note: \(wording.name(note.subject)): "
            + wording.words(note.finding, of: check.gates)).safe(limit: 2000))
      }
      for shard in check.shards {
        StandardOutput.say("\(shard.name): \(PlainLine.words(shard))".safe(limit: 2000))
      }
    }
    throw ExitCode(check.health.exitCode)
  }
}
