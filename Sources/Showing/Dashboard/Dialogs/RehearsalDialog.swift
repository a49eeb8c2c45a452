internal import TerminalKit
internal import Terms

/// The scenario: what it is about, how far it is, its clients, and what came beside what its sources say.
struct RehearsalDialog: Dialog {
  var place: Place { .scenario }
  var title: String { "scenario" }

  func offers(in model: Model) -> [Offer] {
    guard let rehearsal = model.rehearsal else { return [Offer(.closeScenario, "closes this")] }
    var offers: [Offer] = []
    switch rehearsal.phase {
    case .waiting: offers.append(Offer(.rehearse, "starts it"))
    case .running: break
    case .over: offers.append(Offer(.rehearse, "starts it once more"))
    }
    if rehearsal.clients.died > 0 {
      offers.append(Offer(.startClients, "lets clients begin again"))
    }
    return offers + [Offer(.closeScenario, "closes this")]
  }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    guard let rehearsal = model.rehearsal else { return [] }
    let view = RehearsalView(rehearsal: rehearsal, now: model.present)
    let about =
      DialogLine.paragraph(rehearsal.title, columns: room.columns, .emphasis)
      + DialogLine.paragraph(
        rehearsal.about.split(separator: "\n").joined(separator: " "), columns: room.columns)
    let left = Size(columns: room.columns, rows: room.rows - about.count - 2)
    let rest = [DialogLine()] + view.progress(left, glyphs) + [DialogLine()]
    // What came is what one looks for; what it is about gives way.
    return about.prefix(max(1, room.rows - rest.count)) + rest
  }
}
