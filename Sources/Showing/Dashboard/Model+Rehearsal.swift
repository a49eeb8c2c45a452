internal import FleetModel
internal import TerminalKit

extension Model {
  /// Starts the scenario; where there is none, opens the form of a reparent of the selected shard.
  mutating func rehearse() -> [Effect] {
    guard let rehearsal else { return want(.rehearsal) }
    if case .running = rehearsal.phase {
      say("the scenario is running: its steps are not done yet")
      return []
    }
    // What happens now is to be seen.
    layers.remove(RehearsalDialog.self)
    return [.lab("start")]
  }

  mutating func take(_ answer: LabAnswer, to command: String) {
    if answer.isRefused {
      layers.push(NoticeDialog("\(command): \(answer.words)"))
    } else {
      note(.remark(.notice, "lab: \(command): \(answer.words)".safe(limit: 400)))
    }
  }

  /// What the embedded cluster adds to every screen's hints.
  var rehearsalOffers: [Offer] {
    guard settings.isLab else { return [] }
    guard let rehearsal else { return [Offer(.rehearse, "reparent")] }
    let start =
      if case .running = rehearsal.phase { [Offer]() } else { [Offer(.rehearse, "start")] }
    return start + [Offer(.scenario, "scenario")]
  }
}
