internal import ArgumentParser
internal import FleetModel
internal import FoundationEssentials
internal import Importing
internal import PrometheusClient
internal import Recording
internal import TerminalKit
internal import Terms
internal import Timing
internal import VitessClient
internal import Wording

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a recording of /metrics bodies that were saved, or that Prometheus has.",
    usage: "sluice import [<options>] [<folder>] --output <file>",
    discussion: """
      The folder has one folder for each server, named after it (vtgate-10.0.0.1:15001), and in that \
      a file for each answer, named after its time (1795000000.prom, 20261118T105320Z.txt.gz). \
      With --prometheus, a Prometheus server or another with its API (VictoriaMetrics, Thanos, Mimir) \
      says what it has scraped of vtgates. \
      docs/import.md describes the rest. Whatever works on a recording works on what it makes: replay, \
      report, check, snapshot.

      For example:
        sluice import saved --output night.sluice
        sluice import --prometheus http://prometheus:9090 --output night.sluice
      """)

  @Argument(help: "The folder of what was saved.")
  var folder: String?

  @Option(
    help: ArgumentHelp(
      "Ask this server instead, such as http://prometheus:9090.", valueName: "URL"),
    transform: Address.argument)
  var prometheus: Address?

  @Option(
    help: ArgumentHelp(
      "With --prometheus: from this time on, such as 14:03 or 2026-11-27T14:03:22Z.",
      valueName: "time"))
  var from: String?

  @Option(
    help: ArgumentHelp("With --prometheus: up to this time. (default: now)", valueName: "time"))
  var to: String?

  @Option(
    help: ArgumentHelp(
      "With --prometheus: only series with these labels, such as 'cluster=\"prod\"'.",
      valueName: "labels"))
  var match = ""

  @Option(help: ArgumentHelp("The recording, a new file.", valueName: "file"))
  var output: String

  @Option(help: "What the cluster is called. (default: the folder's name, or the server's)")
  var title: String?

  @Option(
    help: ArgumentHelp(
      "How often the servers were asked. (default: as most samples are apart)",
      valueName: "duration"))
  var interval: TimeArgument?

  @OptionGroup(title: OptionSection.http) var http: HTTPOptions
  @OptionGroup(title: OptionSection.configuration) var configuration: ConfigurationOptions

  /// The longest range that is asked for.
  private static let longest: Duration = .seconds(31 * 86_400)

  func validate() throws {
    try LabelMatchers.check(match)
    if let interval,
      !(Duration.milliseconds(20)...Duration.seconds(3600)).contains(interval.duration)
    {
      throw ValidationError("--interval must be 20ms to 1h")
    }
    guard (folder == nil) != (prometheus == nil) else {
      throw ValidationError("import a FOLDER, or --prometheus URL with --from")
    }
    if prometheus == nil {
      for (flag, value) in [
        ("--from", from), ("--to", to), ("--match", match.isEmpty ? nil : match),
      ]
      where value != nil {
        throw ValidationError("\(flag) goes with --prometheus")
      }
    } else if from == nil {
      throw ValidationError("--prometheus needs --from TIME")
    }
  }

  func run() async throws {
    var work: Import
    if let prometheus {
      work = try await stored(in: prometheus)
    } else {
      work = try saved(in: folder ?? ".")
    }
    try Self.write(&work, to: output)
    for line in Self.report(work, in: output) { StandardOutput.say(line.safe(limit: 400)) }
  }

  private func saved(in folder: String) throws -> Import {
    let saved: SavedFolder
    do throws(ImportFault) {
      saved = try SavedFolder(folder)
    } catch {
      throw ValidationError("\(error)".safe(limit: 400))
    }
    if let first = saved.leftOut.first {
      warn(
        saved.leftOut.count == 1
          ? "left out: \(first), which is none that is read, or carries no time"
          : "left out: \(first) and \(saved.leftOut.count - 1) others, which are none that are read, "
            + "or carry no time")
    }
    return work(saved.samples, of: SavedFolder.lastName(of: folder))
  }

  private func stored(in server: Address) async throws -> Import {
    let now = RunClock().now
    let (start, end) = (try time("--from", from, now) ?? now, try time("--to", to, now) ?? now)
    guard start < end, end - start <= Self.longest else {
      throw ValidationError("--from must lie before --to, by a month at most")
    }
    for remark in http.remarks(for: [server]) { warn(remark) }
    let fetcher = HTTPFetcher(deadline: .seconds(30), try http.access(to: [server]))
    let stored: Result<StoredSamples, RelayFault>
    do throws(RelayFault) {
      stored = .success(
        try await StoredSamples(
          from: PrometheusClient(server, matchers: match, over: fetcher), start, to: end))
    } catch {
      stored = .failure(error)
    }
    await fetcher.shutdown()
    do throws(RelayFault) {
      let found = try stored.get()
      for vtgate in found.vtgates where vtgate.alsoScraped > 0 {
        warn(
          "\(vtgate.target) is scraped \(vtgate.alsoScraped + 1) times: the one with the most samples "
            + "was taken".safe(limit: 400))
      }
      return work(found.samples, of: server.host)
    } catch {
      throw ValidationError("--prometheus \(server): \(Wording().words(error))".safe(limit: 600))
    }
  }

  private func work(_ samples: [SavedSample], of name: String) -> Import {
    Import(
      samples, of: title ?? name, every: interval?.duration, utcOffset: RunClock.utcOffset,
      version: ProgramVersion.release)
  }

  /// A time without a date is the latest such one.
  private func time(_ flag: String, _ text: String?, _ now: Instant) throws -> Instant? {
    guard let text else { return nil }
    guard
      let time = Instant(
        written: text, since: now - .seconds(86_400), utcOffset: RunClock.utcOffset)
    else {
      throw ValidationError(
        "\(flag): \(text) is no time, such as 14:03 or 2026-11-27T14:03:22Z".safe(limit: 400))
    }
    return time
  }

  /// A file that could not be written whole is not left behind.
  private static func write(_ work: inout Import, to path: String) throws {
    do {
      try work.write(to: path)
    } catch {
      if let fault = error as? RecordingFault, fault == .exists || fault == .isBeingWritten {
        throw ValidationError("--output \(path): \(fault)".safe(limit: 400))
      }
      try? FileManager.default.removeItem(atPath: path)
      throw ValidationError("\(path): \(error)".safe(limit: 400))
    }
  }

  private static func report(_ work: Import, in path: String) -> [String] {
    let wording = Wording()
    let every = work.info.interval
    return [
      "\(path): \(work.info.began.rfc3339) to \(work.last.rfc3339), one sample every \(every.asInterval)"
    ]
      + work.accounts.map { account in
        var parts = ["\(account.samples) samples"]
        if let failure = account.lastFailure {
          parts.append("\(account.failures) of them no answer (\(wording.words(failure)))")
        }
        if account.target.kind.role == .gate, !account.tellsFlags {
          parts.append("command line not among them: its limits are unknown")
        }
        return "  \(account.target): \(parts.joined(separator: ", "))"
      }
  }
}
