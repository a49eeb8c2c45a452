/// A full-width line that tells the operator something.
package struct Notice {
  package var text: String
  package var role: StyleRole

  package init(_ text: String, role: StyleRole = .noticeText) {
    self.text = text
    self.role = role
  }

  package func render(into canvas: inout Canvas, in rect: Rect) {
    canvas.fill(rect.line(0), role: role)
    canvas.draw(text, in: rect.line(0).columns(from: 1), role: role)
  }
}
