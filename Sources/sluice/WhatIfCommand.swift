internal import ArgumentParser
internal import Buffering
internal import FleetModel
internal import Lines
internal import TerminalKit
internal import Terms
internal import WhatIf
internal import Wording

struct WhatIfCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "what-if",
    abstract: "Say what a recorded failover would have come to with other buffering flags.",
    usage: "sluice what-if [<options>] <file>",
    discussion: """
      The recorded requests go through vtgate's request buffer again: first with the flags that were in \
      force, which shows how far that is off from what was counted, and then with those given. A flag that \
      is not given stays as it was. Each number says whether it is exact, between which bounds it lies, or \
      that it is not known; docs/what-if.md says why. The exit status is 1 when the recording cannot carry \
      an answer, and 74 when it is damaged.

      For example:
        sluice what-if drill.sluice --failover 3 --buffer-size 2000
        sluice what-if drill.sluice --sweep buffer-size=10..5000
      """)

  @Argument(help: ArgumentHelp("A recording, as --record and sluice record write them."))
  var file: String

  @Option(
    help: ArgumentHelp(
      "Take this failover, by its number in the recording. (default: the last)",
      valueName: "number"))
  var failover: Int?

  @Option(help: "Slots of each vtgate's buffer.")
  var bufferSize: Int?

  @Option(
    help: ArgumentHelp("How long requests may wait in the buffer.", valueName: "duration"))
  var bufferWindow: TimeArgument?

  @Option(
    help: ArgumentHelp("How long a failover is buffered at most.", valueName: "duration"))
  var bufferMaxFailoverDuration: TimeArgument?

  @Option(
    help: ArgumentHelp(
      "How long after one the next failover is buffered.", valueName: "duration"))
  var bufferMinTimeBetweenFailovers: TimeArgument?

  @Option(
    help: "How many buffered requests are drained at once; no count depends on it.")
  var bufferDrainConcurrency: Int?

  @Option(
    help: ArgumentHelp(
      "Try one flag from one value to another and find the least that loses nothing: "
        + "buffer-size=10..5000, buffer-window=1s..1m, buffer-max-failover-duration=5s..2m.",
      valueName: "flag=from..to"))
  var sweep: SweepArgument?

  @Flag(help: "Print a JSON object, as docs/json.md describes.")
  var json = false

  @Flag(inversion: .prefixedNo, help: "Name stand-ins for hosts and addresses.")
  var mask = false

  @OptionGroup(title: OptionSection.configuration) var configuration: ConfigurationOptions

  func validate() throws {
    if let bufferSize, !(1...10_000_000).contains(bufferSize) {
      throw ValidationError("--buffer-size must be 1 to 10000000")
    }
    if let concurrency = bufferDrainConcurrency, concurrency < 1 {
      throw ValidationError("--buffer-drain-concurrency must be 1 or more")
    }
    if let window = bufferWindow?.duration, window < .seconds(1) {
      throw ValidationError("--buffer-window must be 1s or more: vtgate would not start")
    }
  }

  @MainActor
  func run() async throws {
    StandardOutput.require()
    let recorded = try RecordedAgain(file, failover: failover)
    let asked = asked
    for whatIf in recorded.again.answering {
      let flags = asked.over(whatIf.outage.inForce.flags)
      guard flags.window <= flags.maxFailoverDuration else {
        throw ValidationError(
          "vtgate would not start: --buffer-window \(flags.window.goText) must not exceed "
            + "--buffer-max-failover-duration \(flags.maxFailoverDuration.goText)")
      }
    }
    let wording = Wording(mask: mask ? recorded.mask : nil)
    let answer = WhatIfAnswer(recorded.again, asked, sweep: sweep?.sweep)
    if json {
      StandardOutput.say(
        JSONLine().text(
          answer, number: recorded.number, interval: recorded.interval, wording))
    } else {
      for line in WhatIfLines(wording).text(
        answer, number: recorded.number, interval: recorded.interval)
      {
        StandardOutput.say(line)
      }
    }
    if let damage = recorded.damage {
      warn("\(file): \(damage)".safe(limit: 400))
      throw ExitCode(StandardOutput.failure)
    }
    guard !recorded.again.answering.isEmpty else { throw ExitCode.failure }
  }

  private var asked: AskedFlags {
    var asked = AskedFlags()
    asked.size = bufferSize
    asked.window = bufferWindow?.duration
    asked.maxFailoverDuration = bufferMaxFailoverDuration?.duration
    asked.minTimeBetweenFailovers = bufferMinTimeBetweenFailovers?.duration
    asked.drainConcurrency = bufferDrainConcurrency
    return asked
  }
}

/// One flag's values to try, as `buffer-size=10..5000`.
struct SweepArgument: ExpressibleByArgument {
  let sweep: FlagSweep

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    let ends = parts[1].split(separator: "..").map(String.init)
    guard ends.count == 2 else { return nil }
    var times: ClosedRange<Duration>? {
      guard let from = try? Duration(goText: ends[0]), let to = try? Duration(goText: ends[1]),
        .seconds(1) <= from, from <= to, to <= .seconds(86_400)
      else { return nil }
      return from...to
    }
    switch Advice.Flag(rawValue: String(parts[0].drop { $0 == "-" }.replacing("_", with: "-"))) {
    case .size:
      guard let from = Int(ends[0]), let to = Int(ends[1]), 1 <= from, from <= to,
        to <= 10_000_000
      else { return nil }
      sweep = FlagSweep(.sizes(from...to))
    case .window:
      guard let times else { return nil }
      sweep = FlagSweep(.windows(times))
    case .maxFailoverDuration:
      guard let times else { return nil }
      sweep = FlagSweep(.maxima(times))
    default: return nil
    }
  }
}
