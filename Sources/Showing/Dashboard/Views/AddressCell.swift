internal import TerminalKit
internal import Terms

extension Address {
  /// The address in as many columns as there are.
  ///
  /// Servers behind one front differ in their prefix, so that is what stays.
  func fit(_ columns: Int, on canvas: Canvas) -> String {
    prefix.isEmpty
      ? canvas.fit(description, to: columns) : canvas.fitEnd(of: description, to: columns)
  }
}

extension TableCell {
  static func address(_ address: Address, _ role: StyleRole) -> TableCell {
    .drawing { canvas, rect in
      canvas.draw(address.fit(rect.columns, on: canvas), in: rect, role: role)
    }
  }
}
