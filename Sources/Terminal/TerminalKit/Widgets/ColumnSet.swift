/// A table as its columns: how wide each is, which give way when room is short, and how a row is
/// drawn in them.
///
/// Widths do not depend on the rows' contents, so that nothing moves when a number grows.
package struct ColumnSet<Row> {
  /// One column, in one form or in several, of which the widest that fits is shown.
  package struct Column {
    /// Narrowest first, and what is drawn in each.
    fileprivate var forms: [ColumnForm]
    fileprivate var cells: [(Row) -> TableCell]

    /// A column in its narrowest form.
    ///
    /// `rank`: 0 is always shown, cut off if need be; of the others the highest gives way first,
    /// and equal ones together. `spare`: cells beyond its own that must be free for it; they go to
    /// the flexible columns, whose words matter more than this one's picture.
    package init(
      _ title: String, _ extent: Extent, _ alignment: Canvas.Alignment = .leading, rank: Int = 0,
      spare: Int = 0, isSorted: Bool = false, cell: @escaping (Row) -> TableCell
    ) {
      forms = [
        ColumnForm(
          title: title, extent: extent, alignment: alignment, rank: rank, spare: spare,
          isSorted: isSorted)
      ]
      cells = [cell]
    }

    /// The same column with another form, which replaces the others when there is room for it.
    ///
    /// `rank`: must be higher than theirs.
    package func wider(
      _ title: String, _ extent: Extent, _ alignment: Canvas.Alignment = .leading, rank: Int,
      spare: Int = 0, isSorted: Bool = false, cell: @escaping (Row) -> TableCell
    ) -> Column {
      let other = Column(
        title, extent, alignment, rank: rank, spare: spare, isSorted: isSorted, cell: cell)
      var column = self
      column.forms += other.forms
      column.cells += other.cells
      return column
    }
  }

  private let columns: [Column]

  /// Columns from left to right; if none has a title there is no header.
  package init(_ columns: [Column]) { self.columns = columns }

  // MARK: Drawing

  /// Draws the header and as many rows as there is room for, including the selected one.
  ///
  /// Cells of rows out of sight are never created. If a row is selected, the others are selectable.
  /// - Returns: the rows that are in sight.
  @discardableResult
  package func render(
    _ rows: [Row], selection: Int? = nil, into canvas: inout Canvas, in rect: Rect
  ) -> Range<Int> {
    let layout = TableLayout(columns.map { $0.forms }, in: rect)
    let hasHeader = layout.drawHeader(into: &canvas)
    let body = rect.rows(from: hasHeader ? 1 : 0)
    let inSight = layout.inSight(rows.count, around: selection, room: body.rows)
    for index in inSight {
      let row = body.line(index - inSight.lowerBound)
      for place in layout.places {
        let cell = columns[place.index].cells[place.form](rows[index])
        canvas.draw(
          cell, in: Rect(column: place.column, row: row.row, columns: place.width, rows: 1),
          alignment: place.alignment)
      }
      if selection != nil { canvas.noteRow(index, in: row) }
      if index == selection {
        canvas.draw(String(canvas.glyphs.selection), in: row)
        canvas.lay(row, on: .rowSelected)
      }
    }
    return inSight
  }
}

/// A form of a column, but for what is drawn in it.
private struct ColumnForm {
  let title: String
  let extent: Extent
  let alignment: Canvas.Alignment
  let rank: Int
  let spare: Int
  let isSorted: Bool
}

/// Which columns of a table are shown, in which form, and where.
///
/// Each frame asks for it, so it knows nothing of rows: in code that is generic over them, each array
/// and optional is a type that must be looked up.
private struct TableLayout {
  struct Place {
    /// Which of the table's columns it is, and which of its forms.
    let index: Int
    let form: Int
    let title: String
    let column: Int
    let width: Int
    let alignment: Canvas.Alignment
    let isSorted: Bool
  }

  /// The space to the left of the first column, for the mark of the selected row.
  private static let gutter = 1
  private static let spacing = 1

  let places: [Place]
  private let header: Rect

  /// `columns`: the forms of each.
  init(_ columns: [[ColumnForm]], in rect: Rect) {
    header = rect.line(0)
    let shown = Self.fitting(columns, in: rect.columns)
    let areas = rect.columns(from: Self.gutter)
      .sideBySide(shown.map { columns[$0.index][$0.form].extent }, spacing: Self.spacing)
    places = zip(shown, areas).map { shown, area in
      let form = columns[shown.index][shown.form]
      return Place(
        index: shown.index, form: shown.form, title: form.title, column: area.column,
        width: area.columns, alignment: form.alignment, isSorted: form.isSorted)
    }
  }

  // MARK: Fitting

  private typealias Shown = (index: Int, form: Int)

  /// The forms shown in this many columns of a terminal: rank after rank, as long as all of it
  /// fits.
  private static func fitting(_ columns: [[ColumnForm]], in width: Int) -> [Shown] {
    var (shown, rank) = (forms(of: columns, upTo: 0), 0)
    while let next = Self.rank(above: rank, in: columns) {
      let more = forms(of: columns, upTo: next)
      guard Self.width(of: more, columns) <= width else { break }
      (shown, rank) = (more, next)
    }
    return shown
  }

  /// The forms of all columns up to a rank.
  private static func forms(of columns: [[ColumnForm]], upTo rank: Int) -> [Shown] {
    var shown: [Shown] = []
    for (index, forms) in columns.enumerated() {
      if let form = forms.lastIndex(where: { $0.rank <= rank }) { shown.append((index, form)) }
    }
    return shown
  }

  private static func width(of shown: [Shown], _ columns: [[ColumnForm]]) -> Int {
    var (width, spare) = (gutter + spacing * max(0, shown.count - 1), 0)
    for (index, form) in shown {
      width += columns[index][form].extent.minimum
      spare = max(spare, columns[index][form].spare)
    }
    return width + spare
  }

  private static func rank(above rank: Int, in columns: [[ColumnForm]]) -> Int? {
    columns.joined().lazy.map(\.rank).filter { $0 > rank }.min()
  }

  // MARK: Drawing

  /// Draws the titles; false where there is none.
  func drawHeader(into canvas: inout Canvas) -> Bool {
    guard places.contains(where: { !$0.title.isEmpty }) else { return false }
    for place in places {
      let arrow = place.isSorted ? "\(canvas.glyphs.descending)" : ""
      let hasRoom = DisplayWidth.of(place.title) + 1 <= place.width
      canvas.draw(
        place.title + (hasRoom ? arrow : ""),
        in: Rect(column: place.column, row: header.row, columns: place.width, rows: header.rows),
        role: place.isSorted ? .tableHeaderSorted : .tableHeader, alignment: place.alignment)
    }
    return true
  }

  /// The first rows, or those that end with the selected one if it lies further down.
  func inSight(_ count: Int, around selection: Int?, room: Int) -> Range<Int> {
    let start = min(max(0, (selection ?? 0) - room + 1), max(0, count - room))
    return start..<min(count, start + room)
  }
}

extension Extent {
  fileprivate var minimum: Int {
    switch self {
    case .fixed(let count), .flexible(let count, _): count
    }
  }
}
