extension Canvas {
  /// Text of one role on a row, with no gap of two blanks in it: a cell of a table, a sentence.
  private struct Piece {
    let text: String
    let row: Int
    let columns: Range<Int>
    let role: StyleRole
    /// Cells up to the next piece, leaving one blank before it.
    let room: Int
  }

  /// Rewrites what is drawn, whoever drew it: as many texts as there were, in the same order.
  ///
  /// A text that grows is cut off where something else begins; one that shrinks is followed by
  /// blanks like those that followed it, so that no line under it goes on.
  package mutating func rewrite(_ rewritten: ([String]) -> [String]) {
    let pieces = (0..<size.rows).flatMap { self.pieces(of: $0) }
    for (piece, text) in zip(pieces, rewritten(pieces.map(\.text))) where text != piece.text {
      let end = piece.columns.upperBound
      let next = end < size.columns ? self[column: end, row: piece.row] : .blank
      let role = next.text == .space ? next.role : piece.role
      for column in piece.columns {
        draw(" ", at: Point(column: column, row: piece.row), role: role)
      }
      draw(
        fit(text, to: piece.room), at: Point(column: piece.columns.lowerBound, row: piece.row),
        role: piece.role, limit: piece.room)
    }
  }

  private func pieces(of row: Int) -> [Piece] {
    func cell(_ column: Int) -> Cell { self[column: column, row: row] }
    func isBlank(_ column: Int) -> Bool { column >= size.columns || cell(column).text == .space }
    var pieces: [Piece] = []
    var start = 0
    while start < size.columns {
      guard !isBlank(start) else {
        start += 1
        continue
      }
      let role = cell(start).role
      var end = start + 1
      while end < size.columns, cell(end).role == role, !(isBlank(end) && isBlank(end + 1)) {
        end += 1
      }
      if isBlank(end - 1) { end -= 1 }
      var next = end
      while next < size.columns, isBlank(next) { next += 1 }
      pieces.append(
        Piece(
          text: String((start..<end).compactMap { cell($0).character }), row: row,
          columns: start..<end, role: role,
          room: max(end, next < size.columns ? next - 1 : next) - start))
      start = end
    }
    return pieces
  }
}
