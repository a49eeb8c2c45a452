/// A number of columns and rows, never negative.
package struct Size: Sendable, Hashable {
  package let columns: Int
  package let rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }
}

/// A cell's position: column and row from the upper left corner, both from 0.
package struct Point: Sendable, Hashable {
  package var column: Int
  package var row: Int

  package init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }
}

/// A rectangle of cells; may be empty.
package struct Rect: Sendable, Hashable {
  package let column: Int
  package let row: Int
  package let columns: Int
  package let rows: Int

  package init(column: Int, row: Int, columns: Int, rows: Int) {
    self.column = column
    self.row = row
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }

  package init(_ size: Size) {
    self.init(column: 0, row: 0, columns: size.columns, rows: size.rows)
  }

  package var isEmpty: Bool { columns == 0 || rows == 0 }
  package var maxColumn: Int { column + columns }
  package var maxRow: Int { row + rows }
  package var origin: Point { Point(column: column, row: row) }

  package func contains(_ point: Point) -> Bool {
    (column..<maxColumn).contains(point.column) && (row..<maxRow).contains(point.row)
  }

  package func inset(columns horizontal: Int = 0, rows vertical: Int = 0) -> Rect {
    Rect(
      column: column + horizontal, row: row + vertical, columns: columns - 2 * horizontal,
      rows: rows - 2 * vertical)
  }

  /// One row of the rectangle, counted from its top; empty outside it.
  package func line(_ index: Int) -> Rect {
    guard (0..<rows).contains(index) else {
      return Rect(column: column, row: row, columns: 0, rows: 0)
    }
    return Rect(column: column, row: row + index, columns: columns, rows: 1)
  }

  /// The part from an offset on, at most `count` columns wide.
  package func columns(from offset: Int, count: Int = .max) -> Rect {
    let start = min(max(0, offset), columns)
    return Rect(
      column: column + start, row: row, columns: min(columns - start, max(0, count)), rows: rows)
  }

  /// The part from an offset on, at most `count` rows high.
  package func rows(from offset: Int, count: Int = .max) -> Rect {
    let start = min(max(0, offset), rows)
    return Rect(
      column: column, row: row + start, columns: columns, rows: min(rows - start, max(0, count)))
  }
}

/// How a length is divided.
package enum Extent: Sendable, Equatable {
  /// This many cells.
  case fixed(Int)
  /// At least this many cells, and an equal share of what is left, up to `most` in all.
  case flexible(minimum: Int, most: Int = .max)
}

extension Rect {
  /// Cuts the rectangle into stacked parts; the last ones are empty if there is no room.
  package func stacked(_ extents: [Extent]) -> [Rect] {
    Self.share(rows, extents).map { rows(from: $0.start, count: $0.length) }
  }

  /// Cuts the rectangle into parts side by side, with a gap of `spacing` columns between them.
  package func sideBySide(_ extents: [Extent], spacing: Int = 0) -> [Rect] {
    let gaps = spacing * max(0, extents.count - 1)
    return Self.share(columns - gaps, extents).enumerated().map { index, part in
      columns(from: part.start + index * spacing, count: part.length)
    }
  }

  private static func share(_ length: Int, _ extents: [Extent]) -> [(start: Int, length: Int)] {
    let minimum = extents.reduce(0) { sum, extent in
      switch extent {
      case .fixed(let count), .flexible(let count, _): sum + count
      }
    }
    var spare = max(0, length - minimum)
    var flexible = extents.count { if case .flexible = $0 { true } else { false } }
    var start = 0
    return extents.map { extent in
      var count: Int
      switch extent {
      case .fixed(let fixed): count = fixed
      case .flexible(let minimum, let most):
        let extra = min(spare / max(1, flexible), max(0, most - minimum))
        spare -= extra
        flexible -= 1
        count = minimum + extra
      }
      count = min(count, max(0, length - start))
      defer { start += count }
      return (start, count)
    }
  }
}
