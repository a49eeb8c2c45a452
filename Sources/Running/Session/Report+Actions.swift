internal import Actions
internal import Reporting
internal import Wording

extension Report.Deed {
  /// An action that was sent from here, as it stands now.
  init(_ report: ActionReport, by who: String?) {
    self.init(
      at: report.sentAt ?? report.startedAt, action: Wording().sentence(report.action),
      outcome: report.outcome?.rawValue,
      verdict: report.verdict.map { Wording().words($0) }, who: who)
  }
}
