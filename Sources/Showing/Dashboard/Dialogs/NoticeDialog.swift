internal import TerminalKit

/// Something that is said once.
struct NoticeDialog: Dialog {
  let text: String

  init(_ text: String) { self.text = text }

  var place: Place { .notice }
  var title: String { "sluice" }
  var question: String? { text }

  func offers(in model: Model) -> [Offer] { [Offer(.closeNotice, "closes this")] }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    DialogLine.paragraph(text, columns: room.columns) + [DialogLine()]
  }
}
