internal import Actions
internal import ArgumentParser
internal import Dashboard
internal import FleetModel
internal import Lines
internal import Operations
internal import Session
internal import TerminalKit
internal import Terms
internal import Timing
internal import VtctldClient
internal import Watching
internal import Wording

/// How an action from the shell is confirmed and reported.
struct ActOptions: ParsableArguments {
  @Flag(help: "Say what would be done and sent, and do nothing.")
  var dryRun = false

  @Flag(help: "Do it without asking.")
  var yes = false

  @Flag(help: "Print JSON objects, as docs/json.md describes.")
  var json = false

  /// Prints what would be sent.
  func explain(_ action: Action, _ preflight: ReparentPreflight?, request: String, at now: Instant)
  {
    if json {
      StandardOutput.say(JSONLine().text(action, preflight, request: request, at: now))
    } else {
      for line in preflight.map(PlainLine.lines) ?? [] { StandardOutput.say(line) }
      StandardOutput.say(Wording().sentence(action).safe(limit: 2000))
      StandardOutput.say(request.safe(limit: 4000))
    }
  }

  /// Asks for a word to be typed; refuses when nobody can type it.
  ///
  /// `way`: what a script should pass instead.
  func confirm(_ action: Action, by word: String, else way: String) throws {
    guard !yes else { return }
    guard isAskable else { throw ValidationError("nobody to ask: \(way)") }
    warn(Wording().sentence(action))
    warn("Type \(word) to do it:")
    guard readLine() == word else {
      warn("not confirmed; nothing was sent")
      throw ExitCode(Self.notSent)
    }
  }

  /// Carries it out, reports progress on standard error, and ends with the outcome's status.
  func perform(_ action: Action, by runner: ActionRunner, at now: Instant) async throws {
    let teller = ProgressTeller()
    let running = Task {
      await runner.perform(ActionReport(action, at: now)) { await teller.tell($0) }
    }
    let interruption = Interruption { _ in
      // This comes first, because the warning may have nowhere to go.
      running.cancel()
      warn(
        "breaking it off: what is known of it is written to the audit log; Ctrl-C again ends at once"
      )
    }
    let report = await running.value
    let lines = json ? [JSONLine().text(report)] : PlainLine.lines(report)
    for line in lines { StandardOutput.report(line) }
    interruption.end()
    throw ExitCode(Self.status(report.outcome))
  }

  static let notSent: Int32 = 2

  static func status(_ outcome: ActionReport.Outcome?) -> Int32 {
    switch outcome {
    case .done: 0
    case .failed: 1
    case .notSent: notSent
    case .partial: 3
    case .unknown, nil: 4
    }
  }
}

/// Reports each part's state once whenever it changes.
private actor ProgressTeller {
  private var told: [ActionReport.Subject: ActionReport.Part] = [:]

  func tell(_ report: ActionReport) {
    for part in report.parts where told[part.subject]?.state != part.state {
      told[part.subject] = part
      let (name, words) = (Wording().name(part.subject), Wording().words(part.finding))
      warn("\(name): \(part.state.rawValue) \(words)".safe(limit: 2000))
    }
  }
}

extension FleetOptions {
  /// What the named servers show in a single look.
  @MainActor
  func look(
    _ vtctld: VtctldOptions, within deadline: Duration = .seconds(3)
  ) async throws -> (fleet: Fleet, now: Instant) {
    let clock = RunClock()
    let watch = await Look.take(
      targets, settings: watching, feed: try feed(clock, vtctld), deadline: deadline,
      now: { clock.now })
    return (watch.fleet, clock.now)
  }
}

extension ShardName: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension TabletAlias: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

/// A duration as Go writes it.
struct TimeArgument: ExpressibleByArgument {
  let duration: Duration

  init(_ duration: Duration) { self.duration = duration }

  init?(argument: String) {
    guard let duration = try? Duration(goText: argument) else { return nil }
    self.duration = duration
  }

  var defaultValueDescription: String { duration.asFlag }
}
