internal import ArgumentParser
internal import FleetModel
internal import FoundationEssentials
internal import Operations
internal import Session
internal import TerminalKit

/// Who else is told about what happens.
struct AttentionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Draw attention by bell, osc9 or osc777 (desktop notifications). Repeatable.",
      valueName: "means"))
  var notify: [Attraction] = []

  @Option(
    help: ArgumentHelp(
      "A command that is run for an event, the event as JSON on its standard input.",
      valueName: "command"))
  var hook: String?

  @Option(
    help: ArgumentHelp(
      "Events for --notify and --hook: of warning, or of critical only.", valueName: "severity"))
  var notifyOn = LeastSeverity.critical

  @Option(
    help: ArgumentHelp("Append every event to this file, a line each.", valueName: "file"),
    completion: .file())
  var events: String?

  enum LeastSeverity: String, ExpressibleByArgument, CaseIterable { case warning, critical }

  /// Opens everything that must be open.
  ///
  /// `cluster`: the operator's name for the fleet.
  func attention(of cluster: String) throws -> Attention {
    var attention = Attention()
    attention.means = Set(notify)
    attention.least = notifyOn == .warning ? .warning : .critical
    if let hook {
      let runner = Hook(hook, of: cluster)
      attention.hook = { runner.run($0) }
    }
    if let events {
      do throws(OwnFile.Failure) {
        let file = try LineFile(appendingTo: events)
        attention.record = { file.append($0, say: $1) }
      } catch {
        throw ValidationError("--events \(events): \(error)".safe(limit: 400))
      }
    }
    return attention
  }
}

extension Attraction: ExpressibleByArgument {}
