internal import ArgumentParser
internal import Dashboard
internal import Operations
internal import Recording
internal import Session
internal import Settings
internal import TerminalKit
internal import Themes
internal import Timing
internal import Watching

/// Several clusters of the configuration file on one dashboard, each as its own section sets it.
@MainActor
struct SeveralClusters {
  private struct Run {
    let name: String
    let configuration: RunConfiguration
    let command: WatchCommand

    var resolution: Resolution { configuration.resolution }
  }

  /// What a session needs, opened as far as it can be refused.
  private struct Prepared {
    let run: Run
    var settings: Model.Settings
    let feed: any Feed
    let access: ClusterAccess
    let attention: Attention
    let recorder: Recorder?
    let remarks: [String]
  }

  /// What is about one cluster: a value for all of them would show, change or tell one as another.
  private static let ofOne: Set = [
    "vtgate", "tablet", "prometheus", "match", "discover-file", "discover-dns", "discover-command",
    "title", "vtctld", "vtadmin", "vtadmin-cluster", "record", "events",
    "colour",
  ]
  /// What must not go to every cluster's servers only because it was at hand.
  private static let secrets: Set = [
    "http-credentials", "http-header", "grpc-auth-static-client-creds",
  ]
  /// What a section may say of a screen that the clusters share.
  private static let ofTheScreen: Set = ["theme", "ascii", "mouse", "asciicast"]

  private let runs: [Run]
  private let whole: Resolution

  /// `parse`: the command as one of the runs sets it.
  init(
    _ found: RunConfiguration.Found, parse: (RunConfiguration) throws -> any ParsableCommand
  ) throws {
    whole = found.whole.resolution
    for run in found.runs { try Self.requireOwn(run.resolution) }
    runs = found.runs.compactMap { run in
      RunConfiguration.$current.withValue(run) { () -> Run? in
        do {
          guard let command = try parse(run) as? WatchCommand,
            let name = run.resolution.cluster?.name
          else { return nil }
          try Self.requireDashboard(command)
          return Run(name: name, configuration: run, command: command)
        } catch {
          Launch.end(error, run.resolution)
        }
      }
    }
    if let words = Self.sameTitle(among: runs.map { ($0.name, $0.command.fleet.title) }).first {
      throw ValidationError(words)
    }
  }

  /// What is said of each title that several clusters have.
  nonisolated private static func sameTitle(among clusters: [(name: String, title: String)])
    -> [String]
  {
    Dictionary(grouping: clusters, by: \.title).filter { $0.value.count > 1 }
      .sorted { $0.key < $1.key }
      .map { title, same in
        ("\(same.map(\.name).joined(separator: " and ")) have the same title, \(title): "
          + "one would be mistaken for the other").safe(limit: 400)
      }
  }

  /// What a dashboard of a file's clusters would refuse, whose values fit by themselves.
  nonisolated static func refusals(
    of file: SettingsFile, _ settings: [Setting]
  ) throws -> [SettingsProblem] {
    let counting = Setting.among(
      settings, for: try CommandTree(WatchCommand._dumpHelp()), shared: OptionSection.shared)
    var problems: [SettingsProblem] = []
    var titles: [(name: String, title: String)] = []
    for cluster in file.clusters {
      let resolution = try Resolution(
        counting, typed: [:], environment: [:], file: file, cluster: cluster)
      let run = RunConfiguration(
        resolution: resolution, path: file.path, doubt: nil, strangers: [])
      RunConfiguration.$current.withValue(run) {
        do {
          let command = try WatchCommand.parse(resolution.arguments)
          _ = try command.fleet.sources(command.vtctld)
          titles.append((cluster.name, command.fleet.title))
        } catch {
          let words = resolution.masked(ValueForm.explained(WatchCommand.message(for: error)))
          problems.append(SettingsProblem(file.place(cluster.position), words))
        }
      }
    }
    return problems + sameTitle(among: titles).map { SettingsProblem(file.path, $0) }
  }

  private static func requireOwn(_ resolution: Resolution) throws {
    for value in resolution.values {
      let name = value.setting.name
      let isShared =
        switch value.origin {
        case .flag, .environment: ofOne.contains(name) || secrets.contains(name)
        case .file: ofOne.contains(name)
        case .cluster, .standard: false
        }
      guard isShared else { continue }
      let place = value.origin == .flag ? "--\(name)" : value.origin.words
      throw ValidationError(
        "\(place): \(name) is for one cluster; with several it belongs in the section of each"
          .safe(limit: 400))
    }
  }

  private static func requireDashboard(_ command: WatchCommand) throws {
    if command.plain || command.json {
      throw ValidationError("--plain and --json tell of one cluster at a time: name one")
    }
    if command.allowActions {
      throw ValidationError(
        "--allow-actions is for one cluster: name one, or press A on the screen of the one that is meant"
      )
    }
  }

  /// Runs the dashboard until it ends, and ends the program as it was asked to.
  func show() async throws {
    let clock = RunClock()
    let display = try DisplayOptions.parse(whole.arguments(under: OptionSection.screen))
    let themes = try display.loadThemes()
    let names = runs.map(\.name)
    let colors = ClusterHue.assigned(runs.map(\.command.display.color))
    var prepared: [Prepared] = []
    for (run, color) in zip(runs, colors) {
      RunConfiguration.$current.withValue(run.configuration) {
        do {
          var one = try prepare(run, clock)
          one.settings.color = color
          one.settings.clusters = names
          one.settings.themes = themes.names
          one.settings.theme = display.theme
          prepared.append(one)
        } catch {
          Launch.end(error, run.resolution)
        }
      }
    }
    let screen: any Screen
    do {
      screen = try display.openScreen(themes)
    } catch {
      for one in prepared { await one.recorder?.discard() }
      throw error
    }
    var overview = Model.Settings(
      title: "\(names.count) clusters", interval: .seconds(1), utcOffset: RunClock.utcOffset,
      permission: .never(because: "the overview only shows"))
    overview.clusters = names
    overview.themes = themes.names
    overview.theme = display.theme
    overview.isMasked = display.mask
    let clusters = Clusters(
      overview, on: screen, now: { clock.now }, themes: themes,
      screenshots: Screenshots(in: display.screenshots))
    var feeds: [any Feed] = []
    for one in prepared {
      let fleet = one.run.command.fleet
      feeds.append(one.feed)
      clusters.add(one.run.name, titled: fleet.title, fleet.targets) { seat in
        Session(
          settings: one.settings, screen: seat, feed: one.feed, now: { clock.now },
          attention: one.attention, access: one.access, themes: themes,
          screenshots: Screenshots(in: one.run.command.display.screenshots),
          recorder: one.recorder, recordings: .standard(of: fleet.watching), remarks: one.remarks)
      }
    }
    let end = await clusters.run()
    await atMost(.milliseconds(50)) { [feeds] in
      await withDiscardingTaskGroup { group in
        for feed in feeds { group.addTask { await feed.stop() } }
      }
    }
    if case .signal(let number) = end { endBySignal(number) }
  }

  private func prepare(_ run: Run, _ clock: RunClock) throws -> Prepared {
    let command = run.command
    let (permission, doubt) = try command.fleet.permission(
      allowActions: false, readOnly: command.readOnly)
    var settings = command.settings(permission: permission)
    settings.cluster = run.name
    settings.isMasked = command.display.mask
    let unused = run.resolution.values.filter { value in
      guard case .cluster = value.origin else { return false }
      return Self.ofTheScreen.contains(value.setting.name)
    }
    return Prepared(
      run: run, settings: settings,
      feed: try command.fleet.feed(clock, command.vtctld),
      access: try command.access(permission),
      attention: try command.attention.attention(of: command.fleet.title),
      recorder: try command.recording.recorder(of: command.fleet.watching, at: clock.now),
      remarks: (doubt.map { ["this run only reads: \($0)"] } ?? []) + command.fleet.remarks
        + command.vtctld.remarks
        + unused.map { value in
          ("\(value.origin.words): all clusters share one screen, so \(value.setting.name) counts only "
            + "outside of their sections").safe(limit: 400)
        })
  }
}
