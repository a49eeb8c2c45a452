internal import TerminalKit
internal import Terms

/// Asks to allow actions, then opens what was wanted.
struct PermissionDialog: Form {
  let wanted: Wanted
  private var line = InputLine()
  private var complaint: String?

  init(_ wanted: Wanted) { self.wanted = wanted }

  var place: Place { .permission }
  var title: String { "allow actions" }
  var question: String? { title }

  func takesText(_ character: Character) -> Bool { true }

  mutating func edit(_ key: Key) {
    line.edit(key)
    complaint = nil
  }

  mutating func paste(_ text: String) -> Bool {
    line.insert(text)
    complaint = nil
    return true
  }

  mutating func answer(_ command: Command.ID, in model: Model) -> FormAnswer? {
    switch command {
    case .cancel: return .cancel
    case .confirmPermission:
      if line.text == "yes" { return .ask(.probeAudit(wanted)) }
      complaint = "type yes, or Esc"
      return .stay
    default: return nil
    }
  }

  func offers(in model: Model) -> [Offer] {
    [Offer(.confirmPermission, "allows"), Offer(.cancel, "cancels")]
  }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    let purpose = wanted == .nothing ? "" : " Then what you wanted opens."
    return DialogLine.paragraph(
      "Actions change the cluster \(model.settings.title). They are allowed for "
        + "\(Model.permissionTime.asFlag), each is confirmed by itself and written to the "
        + "audit log before it is sent.\(purpose)", columns: room.columns)
      + [
        DialogLine(), .input("type yes", line.text, isFocused: true, columns: room.columns, glyphs),
      ]
      + DialogLine.complaint(complaint, columns: room.columns) + [DialogLine()]
  }
}
