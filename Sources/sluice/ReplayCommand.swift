internal import ArgumentParser
internal import Dashboard
internal import FleetModel
internal import Recording
internal import Session
internal import TerminalKit
internal import TerminalNcurses
internal import Terms
internal import Themes
internal import Timing
internal import Watching

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Show a recording on the same screens, at any speed; nothing can be sent from there.",
    discussion: """
      With --plain or --json the exit status is 74 when the recording is damaged.

      For example:
        sluice replay night.sluice --at 03:12 --speed 10
      """)

  @Argument(help: ArgumentHelp("A recording, as --record and sluice record write them."))
  var file: String

  @Option(
    help: ArgumentHelp(
      "Begin at this time, such as 14:03 or 2026-11-27T14:03:22Z.", valueName: "time"))
  var at: String?

  @Option(help: ArgumentHelp("Recorded seconds a second: 0.1 to 100.", valueName: "number"))
  var speed = 1.0

  @Flag(help: "Play it over and over again.")
  var loop = false

  @Flag(help: "Print a line for each change instead of showing a screen.")
  var plain = false

  @Flag(help: "Print a JSON object for each change, as docs/json.md describes.")
  var json = false

  @OptionGroup(title: OptionSection.screen) var display: DisplayOptions
  @OptionGroup(title: OptionSection.configuration) var configuration: ConfigurationOptions

  func validate() throws {
    guard (0.1...100).contains(speed) else { throw ValidationError("--speed must be 0.1 to 100") }
    if plain, json { throw ValidationError("--plain and --json exclude each other") }
    if plain || json, display.mask {
      throw ValidationError("--mask is for screens: what --plain and --json print names addresses")
    }
  }

  @MainActor
  func run() async throws {
    let reader = try RecordedFile.open(file)
    let start = try RecordedFile.moment(at, in: reader)
    let info = reader.info
    if plain || json {
      StandardOutput.require()
      let session = LineSession(
        settings: info.watching, feed: Player(reader, info.watching),
        format: json ? .json : .plain, utcOffset: info.utcOffset, now: { info.began },
        write: StandardOutput.say)
      if let damage = session.tell(reader, from: start) {
        warn("\(file): \(damage)")
        throw ExitCode(StandardOutput.failure)
      }
      return
    }
    let themes = try display.loadThemes()
    let screen = try display.openScreen(themes)
    var settings = info.dashboard
    settings.opensFailovers = !display.stay
    settings.themes = themes.names
    settings.theme = display.theme
    settings.isMasked = display.mask
    settings.color = display.color
    let player = Player(reader, info.watching, from: start)
    await player.set(speed: speed, isLooping: loop)
    let session = Session(
      settings: settings, screen: screen, feed: player, now: { player.now }, themes: themes,
      screenshots: Screenshots(in: display.screenshots))
    let end = await session.run([])
    await player.stop()
    if case .signal(let number) = end { endBySignal(number) }
  }
}

/// A recording that is looked at in place of the servers.
enum RecordedFile {
  static func open(_ path: String) throws -> RecordingReader {
    do throws(RecordingFault) {
      return try RecordingReader(path)
    } catch {
      throw ValidationError("\(path): \(error)".safe(limit: 400))
    }
  }

  /// The moment that was written, within the recording; nil where none was.
  ///
  /// `option`: where it was written.
  static func moment(
    _ text: String?, in reader: RecordingReader, named option: String = "--at"
  ) throws -> Instant? {
    guard let text else { return nil }
    let (began, ended) = (reader.info.began, reader.end())
    guard
      let moment = Instant(written: text, since: began, utcOffset: reader.info.utcOffset)
    else {
      throw ValidationError("\(option) \(text): a time is like 14:03 or 14:03:22".safe(limit: 400))
    }
    guard (began...max(began, ended)).contains(moment) else {
      throw ValidationError(
        "\(option) \(text): the recording goes from \(began.rfc3339) to \(ended.rfc3339)"
          .safe(limit: 400))
    }
    return moment
  }

  /// One of the failovers that a recording holds; the last where no number is asked for.
  static func failover(
    _ number: Int?, among known: [RecordedFailover]
  ) throws -> RecordedFailover {
    guard let number else {
      if let last = known.last { return last }
      throw ValidationError("the recording holds no failover")
    }
    if let found = known.first(where: { $0.id == number }) { return found }
    let numbers = known.map(\.id)
    let there =
      if let first = numbers.first, let last = numbers.last {
        first == last
          ? "the recording holds \(first) alone" : "the recording holds \(first) to \(last)"
      } else {
        "the recording holds none"
      }
    throw ValidationError("--failover \(number): there is no such failover, \(there)")
  }

  /// What was known at a moment, or at the end; says where the file is damaged.
  static func watch(_ path: String, at text: String?, ignoring: [NamePattern] = []) throws -> (
    watch: Watch, info: RecordingInfo, playback: Playback
  ) {
    var reader = try open(path)
    let moment = try moment(text, in: reader) ?? reader.end()
    var settings = reader.info.watching
    settings.ignored = ignoring
    let (watch, _) = reader.watch(at: moment, settings)
    if let damage = reader.damage { warn("\(path): \(damage)") }
    var playback = reader.playback(from: watch.now)
    playback.isPlaying = false
    return (watch, reader.info, playback)
  }
}

extension RecordingInfo {
  var watching: Watch.Settings {
    Watch.Settings(cluster: cluster, interval: interval, lagThreshold: Lag.standardThreshold)
  }

  var dashboard: Model.Settings {
    var settings = Model.Settings(
      title: cluster, interval: interval, utcOffset: utcOffset,
      permission: .never(because: "it shows a recording"))
    settings.lagThreshold = Lag.standardThreshold
    return settings
  }
}

/// Names a recording to be looked at in place of the servers.
struct RecordedOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Look at a recording in place of the servers.", valueName: "file"),
    completion: .file())
  var recording: String?

  @Option(
    help: ArgumentHelp(
      "The moment in the recording (default: its end), such as 14:03:22.", valueName: "time"))
  var at: String?

  func validate() throws {
    if at != nil, recording == nil { throw ValidationError("--at is for a --recording") }
  }
}
