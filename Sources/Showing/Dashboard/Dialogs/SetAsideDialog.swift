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
    let notes = check.notes.filter(\.finding.setsAside)
    guard !notes.isEmpty else { return [DialogLine("nothing is set aside"), DialogLine()] }
    // The hints below need two lines, and one may say how many more there are.
    let most = max(1, room.rows - 3)
    var lines: [DialogLine] = []
    for (index, note) in notes.enumerated() {
      let entry = entry(
        wording.name(note.subject), wording.words(note.finding, of: check.gates),
        columns: room.columns)
      let isLast = index == notes.count - 1
      guard lines.count + entry.count + (isLast ? 0 : 1) <= most else {
        lines.append(DialogLine("and \((notes.count - index).grouped) more", .muted))
        break
      }
      lines += entry
    }
    return lines + [DialogLine()]
  }

  private func entry(_ subject: String, _ words: String, columns: Int) -> [DialogLine] {
    var lines = DialogLine.paragraph("\(subject): \(words)", columns: columns)
    if let first = lines.first?.spans.first?.0, first.hasPrefix(subject) {
      lines[0].spans = [(subject, .emphasis), (String(first.dropFirst(subject.count)), .text)]
    }
    return lines
  }
}
