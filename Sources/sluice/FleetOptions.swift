internal import ArgumentParser
internal import FleetModel
internal import FoundationEssentials
internal import Scrape
internal import Session
internal import Terms
internal import Timing
internal import VitessClient
internal import Watching

/// What to watch, and how often to poll it.
struct FleetOptions: ParsableArguments {
  @Option(
    name: .customLong("vtgate"),
    help: ArgumentHelp(
      "A vtgate's HTTP address; its tablets are found through it. Repeatable.",
      valueName: "host:port or URL"))
  var vtgates: [Address] = []

  @Option(
    name: .customLong("tablet"),
    help: ArgumentHelp("A vttablet's HTTP address. Repeatable.", valueName: "host:port or URL"))
  var tablets: [Address] = []

  @Option(
    help: ArgumentHelp(
      "Time between two polls of a server, e.g. 1s or 250ms.", valueName: "duration"))
  var interval = Interval(duration: .seconds(1))

  @Option(
    help: ArgumentHelp(
      "Requests a second to all servers together; where that is too little, tablets are polled less often.",
      valueName: "number"))
  var maxRequests = 2000

  @Option(
    help: ArgumentHelp("Requests a second to one server.", valueName: "number"))
  var maxRequestsPerServer = 50

  @Option(help: "What to call the fleet in the header.")
  var title = "vitess"

  @Option(
    name: .customLong("ignore"),
    help: ArgumentHelp(
      "Shards, or in a check servers too, whose trouble is meant to be, such as restore_*/0. Repeatable.",
      valueName: "pattern"))
  var ignored: [NamePattern] = []

  @OptionGroup(title: "How vtgates and vttablets are reached") var http: HTTPOptions

  var targets: [Target] {
    vtgates.map { Target(.vtgate, $0) } + tablets.map { Target(.vttablet, $0) }
  }

  var watching: Watch.Settings {
    Watch.Settings(cluster: title, interval: interval.duration, ignored: ignored)
  }

  func scraper(_ clock: RunClock) throws -> Scraper {
    Scraper(of: title, cadence, try access) { clock.now }
  }

  var access: HTTPAccess {
    get throws { try http.access(to: vtgates + tablets) }
  }

  /// What an operator should know about how servers are reached.
  var remarks: [String] { http.remarks(for: vtgates + tablets) }

  var cadence: Cadence {
    Cadence(
      interval: interval.duration, budget: maxRequests, targetBudget: maxRequestsPerServer)
  }

  func validate() throws {
    for (flag, number) in [
      ("--max-requests", maxRequests), ("--max-requests-per-server", maxRequestsPerServer),
    ] where !(Cadence.leastBudget...1_000_000).contains(number) {
      throw ValidationError("\(flag) must be \(Cadence.leastBudget) to 1000000")
    }
  }

  func requireTargets() throws {
    guard targets.isEmpty else { return }
    throw ValidationError(
      "nothing to watch: name a vtgate with --vtgate HOST:PORT (its web port, 15001 in Vitess' "
        + "examples), or try `sluice demo`")
  }
}

/// A polling interval between 50 ms and an hour.
struct Interval: ExpressibleByArgument, CustomStringConvertible {
  let duration: Duration

  init(duration: Duration) { self.duration = duration }

  init?(argument: String) {
    guard let duration = try? Duration(goText: argument), duration >= .milliseconds(50),
      duration <= .seconds(3600)
    else { return nil }
    self.duration = duration
  }

  var description: String { duration.goText }
  var defaultValueDescription: String { description }
}

extension NamePattern: ExpressibleByArgument {
  package init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    self.init(argument)
  }
}

extension Address: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
