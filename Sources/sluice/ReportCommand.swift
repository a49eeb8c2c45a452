internal import ArgumentParser
internal import FleetModel
internal import Lines
internal import Operations
internal import Recording
internal import Reporting
internal import TerminalKit
internal import Terms
internal import Wording

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Write a report of a recording's failovers, in Markdown, as an HTML page, or as JSON.",
    usage: "sluice report [<options>] <file>",
    discussion: """
      The page is one file that fetches nothing and runs nothing. Without a format, the name of the file \
      decides (.html, .md, .json), and else it is Markdown. What is not known is called unknown. The exit \
      status is 74 when the recording is damaged; the report then covers what can be read.

      For example:
        sluice report night.sluice --failover 3 --output failover.html --mask
      """)

  enum Format: String, EnumerableFlag {
    case html, markdown, json

    static func help(for value: Format) -> ArgumentHelp? {
      switch value {
      case .html: "As an HTML page, for a screen, a telephone or paper."
      case .markdown: "In Markdown, with the timeline as text."
      case .json: "As one JSON object, as docs/json.md describes."
      }
    }
  }

  @Argument(help: ArgumentHelp("A recording, as --record and sluice record write them."))
  var file: String

  @Option(
    help: ArgumentHelp(
      "Report this failover only, by its number in the recording.", valueName: "number"))
  var failover: Int?

  @Option(
    help: ArgumentHelp(
      "Report failovers from this time on, such as 14:03 or 2026-11-27T14:03:22Z.",
      valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("Report failovers up to this time.", valueName: "time"))
  var to: String?

  @Flag var format: Format?

  @Flag(inversion: .prefixedNo, help: "Name stand-ins for hosts and addresses.")
  var mask = false

  @Option(
    help: ArgumentHelp(
      "Write it to this new file (default: standard output).", valueName: "path"))
  var output: String?

  @OptionGroup(title: OptionSection.configuration) var configuration: ConfigurationOptions

  func validate() throws {
    if failover != nil, from != nil || to != nil {
      throw ValidationError("--failover names one: --from and --to do not go with it")
    }
  }

  @MainActor
  func run() async throws {
    if output == nil { StandardOutput.require() }
    let recorded = try RecordedReport(file, failover: failover, from: from, to: to)
    let (report, hosts) = (recorded.report, mask ? recorded.mask : nil)
    let text =
      switch format ?? output.flatMap({ Format(ending: $0) }) ?? .markdown {
      case .html: HTMLPage.of(report, mask: hosts)
      case .markdown: MarkdownText.of(report, mask: hosts)
      case .json: JSONLine().text(report, mask: hosts) + "\n"
      }
    if let output {
      do throws(NewFiles.Failure) {
        try await NewFiles.write(Array(text.utf8), to: output)
      } catch {
        throw ValidationError("--output \(error)".safe(limit: 400))
      }
    } else {
      StandardOutput.say(String(text.dropLast()))
    }
    if let damage = recorded.damage {
      warn("\(file): \(damage)".safe(limit: 400))
      throw ExitCode(StandardOutput.failure)
    }
  }
}

extension ReportCommand.Format {
  /// What a file's name says it is; nil where it says nothing.
  fileprivate init?(ending path: String) {
    switch path.split(separator: ".").last?.lowercased() {
    case "html", "htm": self = .html
    case "md", "markdown": self = .markdown
    case "json": self = .json
    default: return nil
    }
  }
}
