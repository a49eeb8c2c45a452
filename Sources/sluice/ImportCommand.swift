internal import ArgumentParser
internal import FleetModel
internal import FoundationEssentials
internal import Importing
internal import Recording
internal import TerminalKit
internal import Terms
internal import Timing
internal import Wording

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a recording of /metrics bodies that were saved.",
    discussion: """
      The folder has one folder for each server, named after it (vtgate-10.0.0.1:15001), and in that \
      a file for each answer, named after its time (1795000000.prom, 20261118T105320Z.txt.gz). \
      docs/import.md describes the rest. Whatever works on a recording works on what it makes: replay, \
      check, snapshot.
      """)

  @Argument(help: "The folder of what was saved.")
  var folder: String

  @Option(help: ArgumentHelp("The recording, a new file.", valueName: "file"))
  var output: String

  @Option(help: "What the cluster is called. (default: the folder's name)")
  var title: String?

  @Option(
    help: ArgumentHelp(
      "How often the servers were asked. (default: as most of the files are apart)",
      valueName: "duration"))
  var interval: TimeArgument?

  func validate() throws {
    if let interval,
      !(Duration.milliseconds(20)...Duration.seconds(3600)).contains(interval.duration)
    {
      throw ValidationError("--interval must be 20ms to 1h")
    }
  }

  func run() throws {
    let saved: SavedFolder
    do throws(ImportFault) {
      saved = try SavedFolder(folder)
    } catch {
      throw ValidationError("\(error)".safe(limit: 400))
    }
    var work = Import(
      saved.samples, of: title ?? SavedFolder.lastName(of: folder), every: interval?.duration,
      utcOffset: RunClock.utcOffset, version: Sluice.configuration.version)
    try Self.write(&work, to: output)
    for line in Self.report(work, in: output) { StandardOutput.say(line.safe(limit: 400)) }
    if let first = saved.leftOut.first {
      warn(
        saved.leftOut.count == 1
          ? "left out: \(first), which is none that is read, or carries no time"
          : "left out: \(first) and \(saved.leftOut.count - 1) others, which are none that are read, "
            + "or carry no time")
    }
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
      "\(path): \(work.info.began.rfc3339) to \(work.last.rfc3339), one sample every \(every.asFlag)"
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
