internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching
internal import Wording

/// What counts for nothing at the moment that is shown, and why.
struct SetAsideDialog: Dialog {
  var place: Place { .notice }
  var title: String { "set aside" }
  var question: String? { title }

  func offers(in model: Model) -> [Offer] { [Offer(.closeNotice, "closes this")] }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    let wording = Wording()
    let check = model.watch.check(model.fleet)
    let notes = check.notes
    guard !notes.isEmpty else { return [DialogLine("nothing is set aside"), DialogLine()] }
    // The hints below need two lines.
    let most = max(1, room.rows - 3)
    let shown = notes.count > most ? most - 1 : notes.count
    var lines = notes.prefix(shown).map { note in
      DialogLine(spans: [
        ("\(wording.name(note.subject))  ", .emphasis),
        (wording.words(note.finding, of: check.gates).safe(limit: room.columns), .text),
      ])
    }
    if shown < notes.count {
      lines.append(
        DialogLine("and \((notes.count - shown).grouped) more", .muted))
    }
    return lines + [DialogLine()]
  }
}
