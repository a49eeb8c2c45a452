internal import TerminalKit
internal import Terms

extension Address {
  /// The address in as many columns as there are.
  ///
  /// Servers behind one front differ in their prefix, and others in host and port, so that is what stays;
  /// the scheme goes first.
  func fit(_ columns: Int, on canvas: Canvas) -> String {
    guard DisplayWidth.of(description) > columns else { return description }
    return prefix.isEmpty
      ? canvas.fit(authority, to: columns) : canvas.fitEnd(of: description, to: columns)
  }
}

extension TableCell {
  static func address(_ address: Address, _ role: StyleRole) -> TableCell {
    .drawing { canvas, rect in
      canvas.draw(address.fit(rect.columns, on: canvas), in: rect, role: role)
    }
  }
}
