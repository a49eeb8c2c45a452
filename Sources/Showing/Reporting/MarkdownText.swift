internal import Dashboard
internal import TerminalKit
internal import Terms
package import Wording

/// A report in GitHub's Markdown: tables, and the picture as text.
package enum MarkdownText {
  private static let columns = 100

  /// `mask`: replaces hosts and addresses; nil shows them.
  package static func of(_ report: Report, mask: HostMask? = nil) -> String {
    let document = ReportDocument(report, mask: mask)
    var lines = ["# \(document.title.escapedForMarkdown)", "", document.lead.escapedForMarkdown]
    for block in document.summary { lines += text(block, in: document) }
    for section in document.sections {
      lines += ["", "## \(section.title.escapedForMarkdown)"]
      if let verdict = section.verdict {
        lines += ["", "**\(verdict.word.escapedForMarkdown.firstCapital)**"]
      }
      for block in section.blocks { lines += text(block, in: document) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(
    _ block: ReportDocument.Block, in document: ReportDocument
  ) -> [String] {
    switch block {
    case .paragraph(let words): return ["", words.escapedForMarkdown]
    case .doubt(let words): return ["", "> \(words.escapedForMarkdown)"]
    case .picture(let report):
      var canvas = FailoverPicture(
        report.failover, of: report.shard, at: report.asOf, utcOffset: document.utcOffset
      ).drawn(columns: columns)
      if let mask = document.mask { canvas.rewrite { mask.masked($0) } }
      return [""] + fenced(canvas.lines)
    case .table(let table):
      let title = table.title.map { ["", "### \($0.escapedForMarkdown.firstCapital)"] } ?? []
      return title + [
        "", row(table.columns.map(\.title)),
        "|" + table.columns.map { $0.isNumber ? " ---: |" : " --- |" }.joined(),
      ] + table.rows.map { row($0) }
    case .fact(let title, let words):
      return ["", "### \(title.escapedForMarkdown)", "", words.escapedForMarkdown]
    case .list(let title, let items):
      return ["", "### \(title.escapedForMarkdown)", ""]
        + items.map { "- \($0.escapedForMarkdown)" }
    }
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map(\.escapedForMarkdown).joined(separator: " | ") + " |"
  }

  /// Lines verbatim, whatever they contain: the fence is longer than any run of backticks in them.
  private static func fenced(_ lines: [String]) -> [String] {
    let runs = lines.flatMap { $0.matches(of: /`+/).map(\.output.count) }
    let fence = String(repeating: "`", count: max(3, (runs.max() ?? 0) + 1))
    return ["\(fence)text"] + lines + [fence]
  }
}

extension String {
  /// The text escaped so that nothing in it becomes markup, a link or a mention.
  var escapedForMarkdown: String {
    let text = reduce(into: "") { text, character in
      switch character {
      case "\\", "`", "*", "_", "[", "]", "|", "#", "~", "!": text += "\\\(character)"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "&": text += "&amp;"
      case "@": text += "&#64;"
      default: text.append(character)
      }
    }
    // Bare addresses would turn into links, and such a beginning would make the line a list item.
    let plain = text.replacing("://", with: "&#58;//").replacing("www.", with: "www&#46;")
    return plain.first.map { "-+=".contains($0) } == true ? "\\\(plain)" : plain
  }
}
