internal import Actions
internal import Dashboard
internal import FleetModel
internal import Reporting
internal import Watching
internal import Wording

extension Report {
  /// A failover, by its number, with what was done and noted here; nil where it is not known.
  init?(of id: Int, in model: Model, by who: String?) {
    guard let failover = FailoverReport(id, model.watch) else { return nil }
    let notes = model.watch.fleet.log.events.compactMap { event -> Note? in
      guard case .noted(let words) = event.kind else { return nil }
      return Note(at: event.at, words: words)
    }
    self.init(
      of: model.settings.title, from: model.watch.began, to: model.watch.now,
      utcOffset: model.settings.utcOffset, [failover],
      deeds: model.reports.values.map { Deed($0, by: who) }, notes: notes, isOfOne: true)
  }
}

extension Report.Deed {
  /// An action that was sent from here, as it stands now.
  init(_ report: ActionReport, by who: String?) {
    self.init(
      at: report.sentAt ?? report.startedAt, action: Wording().sentence(report.action),
      outcome: report.outcome?.rawValue,
      verdict: report.verdict.map { Wording().words($0) }, who: who)
  }
}
