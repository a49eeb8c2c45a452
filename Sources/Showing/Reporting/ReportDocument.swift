internal import Dashboard
internal import FleetModel
internal import Terms
internal import Wording

/// A report in words, before it becomes Markdown or HTML.
struct ReportDocument {
  enum Tone { case good, warning, bad }

  enum Block {
    case paragraph(String)
    /// What a reader must know before trusting the numbers.
    case doubt(String)
    case picture(FailoverReport)
    case table(Table)
    case list(title: String, [String])
    /// One sentence under a title.
    case fact(title: String, String)
  }

  struct Table {
    struct Column {
      let title: String
      var isNumber = false
    }

    var title: String?
    let columns: [Column]
    let rows: [[String]]
  }

  struct Section {
    let title: String
    /// How it went, if this is a failover.
    var verdict: (word: String, tone: Tone)?
    var blocks: [Block]
  }

  let title: String
  /// What the report covers.
  let lead: String
  let summary: [Block]
  let sections: [Section]
  let utcOffset: Int
  let mask: HostMask?

  init(_ report: Report, mask: HostMask?) {
    let words = ReportWords(report, mask: mask)
    self.mask = mask
    utcOffset = report.utcOffset
    title = "Failovers of \(words.outside(report.cluster))"
    lead = words.lead
    summary = words.summary
    sections = report.failovers.map { words.section($0) } + words.besides
  }
}
