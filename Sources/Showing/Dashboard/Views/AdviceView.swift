internal import FleetModel
internal import TerminalKit
internal import WhatIf
internal import Wording

/// What the counters mean and what to change, in full.
struct AdviceView {
  let advice: [Advice]
  let cutoverMeans: CutoverMeans
  /// What the flags that it names would have come to; nil where that is not sure.
  var outcome: AdvisedOutcome?

  private static let indent = 3

  /// The lines of one piece of advice: those of its finding, then those of its remedy.
  private func lines(_ piece: Advice, _ columns: Int) -> (finding: [String], remedy: [String]) {
    let room = columns - Self.indent - 1
    let wording = Wording()
    return (
      Paragraph(wording.finding(piece), columns: room).lines,
      Paragraph(wording.remedy(piece, by: cutoverMeans), columns: room).lines
    )
  }

  private func outcomeLines(_ columns: Int) -> [String] {
    outcome.map {
      Paragraph(Wording().words($0), columns: columns - Self.indent - 1).lines
    } ?? []
  }

  func rows(columns: Int) -> Int {
    advice.reduce(outcomeLines(columns).count) { sum, piece in
      let lines = lines(piece, columns)
      return sum + lines.finding.count + lines.remedy.count
    }
  }

  func render(into canvas: inout Canvas, in rect: Rect) {
    var row = 0
    for piece in advice {
      let glyph = piece.severity >= .warning ? canvas.glyphs.warning : canvas.glyphs.dot
      canvas.draw(
        String(glyph), in: rect.line(row).columns(from: 1), role: piece.severity.role)
      let lines = lines(piece, rect.columns)
      for (text, role) in lines.finding.map({ ($0, piece.severity.role) })
        + lines.remedy.map({ ($0, StyleRole.text) })
      {
        canvas.draw(text, in: rect.line(row).columns(from: Self.indent), role: role)
        row += 1
      }
    }
    for text in outcomeLines(rect.columns) {
      canvas.draw(text, in: rect.line(row).columns(from: Self.indent), role: .text)
      row += 1
    }
  }
}
