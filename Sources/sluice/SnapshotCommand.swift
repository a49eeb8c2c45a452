internal import ArgumentParser
internal import Dashboard
internal import FleetModel
internal import Operations
internal import Recording
internal import Session
internal import TerminalKit
internal import Terms
internal import Timing
internal import Watching
internal import Wording

struct SnapshotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Print one screen as text, for scripts and bug reports.",
    discussion: """
      For example:
        sluice snapshot --cluster prod-eu --size 160x50
        sluice snapshot --recording night.sluice --at 03:12:40 --shard commerce/-80
      What sluice check would find wrong goes to standard error, as a single screen may not show it yet. \
      Exits with 2 when no server has answered.
      """)

  @OptionGroup var fleet: FleetOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions

  @Option(help: ArgumentHelp("The screen's size.", valueName: "columns x rows"))
  var size = ScreenSize(size: Size(columns: 120, rows: 40))

  @Option(
    help: ArgumentHelp("Print this shard's screen, not the fleet's.", valueName: "keyspace/shard"))
  var shard: ShardName?

  @OptionGroup(title: OptionSection.look) var look: LookOptions

  @Flag(inversion: .prefixedNo, help: "Draw with ASCII characters only.")
  var ascii = false

  @Flag(inversion: .prefixedNo, help: "Print stand-ins for hosts and addresses.")
  var mask = false

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
    var canvas = Canvas(size: size.size, glyphs: ascii ? .ascii : .unicode)
    let watch: Watch
    var settings = Model.Settings(
      title: fleet.title, interval: fleet.interval.duration, utcOffset: RunClock.utcOffset)
    var playback: Playback?
    if let file = recorded.recording {
      let info: RecordingInfo
      (watch, info, playback) = try RecordedFile.watch(
        file, at: recorded.at, ignoring: fleet.ignored)
      settings = info.dashboard
    } else {
      settings.isUnverified = fleet.http.httpInsecure
      let clock = RunClock()
      let topo = try vtctld.client(try fleet.access)
      watch = await Look.take(
        fleet.targets, settings: fleet.watching, feed: try fleet.feed(clock, vtctld),
        deadline: look.wait.duration, looksTwice: true,
        access: ClusterAccess(
          vtctld: topo, try fleet.access, audit: vtctld.audit(cluster: fleet.title)),
        now: { clock.now })
    }
    settings.isMasked = mask
    let isAnswered =
      watch.fleet.vtgates.values.contains { $0.watched.readAt != nil }
      || watch.fleet.tablets.values.contains { $0.watched.readAt != nil }
    if let shard, !watch.fleet.summaries.contains(where: { $0.name == shard }) {
      let name = shard.description.safe()
      guard isAnswered else {
        warn("no server answered: nothing is known of \(name)")
        throw ExitCode(FleetCheck.Health.failing.exitCode)
      }
      throw ValidationError("no server knows the shard \(name)")
    }
    Snapshot.draw(
      watch, settings: settings, playback: playback,
      view: shard.map { .shard($0) } ?? .fleet, on: &canvas)
    for line in canvas.lines { StandardOutput.say(line) }
    let check = watch.check(watch.fleet)
    let wording = Wording(mask: mask ? HostMask(watch.fleet.servers) : nil)
    for problem in check.problems { warn(wording.line(problem, of: check.gates)) }
    if !isAnswered { throw ExitCode(FleetCheck.Health.failing.exitCode) }
  }
}

/// `COLUMNSxROWS`, each from 1 to 1000.
struct ScreenSize: ExpressibleByArgument {
  let size: Size

  init(size: Size) { self.size = size }

  init?(argument: String) {
    let parts = argument.split(separator: "x").map { Int($0) }
    guard parts.count == 2, let columns = parts[0], let rows = parts[1],
      (1...1000).contains(columns), (1...1000).contains(rows)
    else { return nil }
    size = Size(columns: columns, rows: rows)
  }

  var defaultValueDescription: String { "\(size.columns)x\(size.rows)" }
}
