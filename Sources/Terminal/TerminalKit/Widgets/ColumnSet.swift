/// A table as its columns: how wide each is, which give way when room is short, and how a row is
/// drawn in them.
///
/// Widths do not depend on the rows' contents, so that nothing moves when a number grows.
package struct ColumnSet<Row> {
  /// One column, in one form or in several, of which the widest that fits is shown.
  package struct Column {
    fileprivate struct Form {
      let title: String
      let extent: Extent
      let alignment: Canvas.Alignment
      let rank: Int
      let spare: Int
      let isSorted: Bool
      let cell: (Row) -> TableCell
    }

    /// Narrowest first.
    fileprivate var forms: [Form]

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
        Form(
          title: title, extent: extent, alignment: alignment, rank: rank, spare: spare,
          isSorted: isSorted, cell: cell)
      ]
    }

    /// The same column with another form, which replaces the others when there is room for it.
    ///
    /// `rank`: must be higher than theirs.
    package func wider(
      _ title: String, _ extent: Extent, _ alignment: Canvas.Alignment = .leading, rank: Int,
      spare: Int = 0, isSorted: Bool = false, cell: @escaping (Row) -> TableCell
    ) -> Column {
      var column = self
      column.forms +=
        Column(
          title, extent, alignment, rank: rank, spare: spare, isSorted: isSorted, cell: cell
        ).forms
      return column
    }
  }

  private let columns: [Column]

  /// Columns from left to right; if none has a title there is no header.
  package init(_ columns: [Column]) { self.columns = columns }

  /// The space to the left of the first column, for the mark of the selected row.
  private static var gutter: Int { 1 }
  private static var spacing: Int { 1 }

  // MARK: Fitting

  /// The forms of all columns up to a rank.
  private func forms(upTo rank: Int) -> [Column.Form] {
    var forms: [Column.Form] = []
    for column in columns {
      if let form = column.forms.last(where: { $0.rank <= rank }) { forms.append(form) }
    }
    return forms
  }

  private func width(_ forms: [Column.Form]) -> Int {
    var (width, spare) = (Self.gutter + Self.spacing * max(0, forms.count - 1), 0)
    for form in forms {
      width += form.extent.minimum
      spare = max(spare, form.spare)
    }
    return width + spare
  }

  private func rank(above rank: Int) -> Int? {
    var next: Int?
    for column in columns {
      for form in column.forms where form.rank > rank { next = min(next ?? form.rank, form.rank) }
    }
    return next
  }

  /// The forms shown in this many columns of a terminal: rank after rank, as long as all of it
  /// fits.
  ///
  /// Each frame asks for them, so it is done without key paths, which generic code makes anew.
  private func fitting(_ columns: Int) -> [Column.Form] {
    var (shown, rank) = (forms(upTo: 0), 0)
    while let next = self.rank(above: rank) {
      let more = forms(upTo: next)
      guard width(more) <= columns else { break }
      (shown, rank) = (more, next)
    }
    return shown
  }

  // MARK: Drawing

  /// Draws the header and as many rows as there is room for, including the selected one.
  ///
  /// Cells of rows out of sight are never created. If a row is selected, the others are selectable.
  /// - Returns: the rows that are in sight.
  @discardableResult
  package func render(
    _ rows: [Row], selection: Int? = nil, into canvas: inout Canvas, in rect: Rect
  ) -> Range<Int> {
    let forms = fitting(rect.columns)
    let areas = rect.columns(from: Self.gutter)
      .sideBySide(forms.map(\.extent), spacing: Self.spacing)
    let hasHeader = forms.contains { !$0.title.isEmpty }
    for (form, area) in zip(forms, areas) where hasHeader {
      let arrow = form.isSorted ? "\(canvas.glyphs.descending)" : ""
      let hasRoom = DisplayWidth.of(form.title) + 1 <= area.columns
      canvas.draw(
        form.title + (hasRoom ? arrow : ""), in: area.line(0),
        role: form.isSorted ? .tableHeaderSorted : .tableHeader, alignment: form.alignment)
    }
    let body = rect.rows(from: hasHeader ? 1 : 0)
    let inSight = Self.inSight(rows.count, around: selection, room: body.rows)
    for (line, index) in inSight.enumerated() {
      for (form, area) in zip(forms, areas) {
        let place = Rect(column: area.column, row: body.row + line, columns: area.columns, rows: 1)
        canvas.draw(form.cell(rows[index]), in: place, alignment: form.alignment)
      }
      let row = body.line(line)
      if selection != nil { canvas.noteRow(index, in: row) }
      if index == selection {
        canvas.draw(String(canvas.glyphs.selection), in: row)
        canvas.lay(row, on: .rowSelected)
      }
    }
    return inSight
  }

  /// The first rows, or those that end with the selected one if it lies further down.
  private static func inSight(_ count: Int, around selection: Int?, room: Int) -> Range<Int> {
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
