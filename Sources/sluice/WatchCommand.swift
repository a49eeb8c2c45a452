internal import ArgumentParser
internal import Dashboard
internal import FleetModel
internal import Operations
internal import Recording
internal import Session
internal import Synchronization
internal import TerminalKit
internal import TerminalNcurses
internal import Themes
internal import Timing
internal import Watching

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show the dashboard. This is what sluice does by default.",
    discussion: """
      For example:
        sluice --vtgate vtgate-1:15001 --vtctld vtctld-1:15999
        sluice prod-eu --record tonight.sluice
        sluice prod-eu staging
        sluice prod-eu --json
      """)

  /// The default command receives any word that is not another command's name; which cluster is
  /// meant, or that none is, is known before (`RunConfiguration`).
  @Argument(
    help: ArgumentHelp(
      "Clusters of the configuration file, as --cluster: one, or several with an overview of them.",
      valueName: "cluster"), completion: .clusters)
  var clusters: [String] = []

  @Flag(help: "Show every cluster of the configuration file.")
  var all = false

  @OptionGroup var fleet: FleetOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions
  @OptionGroup(title: OptionSection.screen) var display: DisplayOptions
  @OptionGroup(title: OptionSection.attention) var attention: AttentionOptions
  @OptionGroup(title: OptionSection.recording) var recording: RecordOptions

  @Flag(help: "Allow actions from the start of this run, for fifteen minutes; else A allows them.")
  var allowActions = false

  @Flag(help: "Allow no action in this run.")
  var readOnly = false

  @Flag(help: "Print a line for each change instead of showing a screen.")
  var plain = false

  @Flag(help: "Print a JSON object for each change, as docs/json.md describes.")
  var json = false

  func validate() throws {
    try fleet.requireTargets()
    if allowActions, readOnly {
      throw ValidationError("--allow-actions and --read-only exclude each other")
    }
    if plain, json { throw ValidationError("--plain and --json exclude each other") }
    if plain || json, display.mask {
      throw ValidationError("--mask is for screens: what --plain and --json print names addresses")
    }
  }

  @MainActor
  func run() async throws {
    for remark in fleet.remarks + vtctld.remarks { warn(remark) }
    if plain || json {
      StandardOutput.require()
      let permission = Permission.never(because: "lines only tell")
      let clock = RunClock()
      // Whatever may be refused comes before the feed, which must be stopped once it exists.
      let (attention, access) = (try attention.attention(of: fleet.title), try access(permission))
      let recorder = try recording.recorder(of: fleet.watching, at: clock.now)
      let feed = try fleet.feed(clock, vtctld)
      let session = LineSession(
        settings: fleet.watching, feed: feed, format: json ? .json : .plain,
        utcOffset: RunClock.utcOffset, now: { clock.now }, attention: attention, access: access,
        recorder: recorder, write: StandardOutput.say)
      guard recorder != nil else { return await session.run(fleet.targets) }
      // The recording is closed first.
      let signal = Mutex<Int32?>(nil)
      let interruption = Interruption { number in
        signal.withLock { $0 = number }
        Task { await feed.stop() }
      }
      await session.run(fleet.targets)
      interruption.end()
      if let number = signal.withLock(\.self) { endBySignal(number) }
      return
    }
    let (permission, doubt) = try fleet.permission(
      allowActions: allowActions, readOnly: readOnly)
    try await Self.show(
      fleet.targets, settings: settings(permission: permission),
      feed: { try fleet.feed($0, vtctld) },
      display: display, attention: try attention.attention(of: fleet.title),
      access: try access(permission), recording: recording,
      remarks: (doubt.map { ["this run only reads: \($0)"] } ?? []) + fleet.remarks + vtctld.remarks
    )
  }

  func access(_ permission: Permission) throws -> ClusterAccess {
    let audit = vtctld.audit(cluster: fleet.title)
    if permission == .fromStart {
      // Better now than when it is needed.
      do throws(AuditLog.Unwritable) {
        try audit.probe()
      } catch {
        throw ValidationError("actions are to be allowed from the start: \(error)")
      }
    }
    return ClusterAccess(
      vtctld: try vtctld.client(try fleet.access), vtadmin: vtctld.vtadminClient,
      try fleet.access, proxyToken: try vtctld.proxyToken, audit: audit)
  }

  func settings(permission: Permission) -> Model.Settings {
    var settings = Model.Settings(
      title: fleet.title, interval: fleet.interval.duration, utcOffset: RunClock.utcOffset,
      opensFailovers: !display.stay,
      permission: permission,
      hasVtctld: !vtctld.servers.isEmpty, canReparent: vtctld.canReparent)
    settings.ignored = fleet.ignored
    settings.isUnverified = fleet.http.httpInsecure
    settings.lagThreshold = fleet.watching.lagThreshold
    settings.hasProxyToken = vtctld.proxyTokenFile != nil
    return settings
  }

  /// Runs the dashboard on the terminal until it ends, and ends the program as it was asked to.
  @MainActor
  static func show(
    _ targets: [Target], settings: Model.Settings, feed: (RunClock) throws -> any Feed,
    display: DisplayOptions, attention: Attention = Attention(), access: ClusterAccess,
    lab: (any EmbeddedLab)? = nil, recording: RecordOptions? = nil, remarks: [String] = []
  ) async throws {
    let clock = RunClock()
    let watching = Watch.Settings(cluster: settings.title, interval: settings.interval)
    // Refused before there is a screen.
    let recorder = try recording?.recorder(of: watching, at: clock.now)
    let (themes, screen): (ThemeChoice, NcursesScreen)
    do {
      themes = try display.loadThemes()
      screen = try display.openScreen(themes)
    } catch {
      await recorder?.discard()
      throw error
    }
    var settings = settings
    settings.themes = themes.names
    settings.theme = display.theme
    settings.isMasked = display.mask
    settings.color = display.color
    let feed = try feed(clock)
    let session = Session(
      settings: settings, screen: screen, feed: feed, now: { clock.now },
      attention: attention, access: access, lab: lab, themes: themes,
      screenshots: Screenshots(in: display.screenshots), recorder: recorder,
      recordings: .standard(of: watching), remarks: remarks)
    let end = await session.run(targets)
    // A server that does not answer must not keep the shell waiting.
    await atMost(.milliseconds(50)) { await feed.stop() }
    if case .signal(let number) = end { endBySignal(number) }
  }
}
