internal import FleetModel
internal import TerminalKit

/// A shard or a failover summed up in titled figures.
///
/// All are equally wide; when room is short the last ones give way first, but never what failed.
struct SummaryFigures {
  struct Figure {
    let title: String
    let cell: TableCell

    init(_ title: String, _ cell: TableCell) {
      self.title = title
      self.cell = cell
    }

    init(_ title: String, _ number: Int?, _ role: StyleRole) {
      self.init(title, .count(number, role, missing: .muted))
    }
  }

  let figures: [Figure]

  /// Figures from left to right.
  ///
  /// `special`: what only this screen shows. `counts`: nil if nothing is counted. `lost`: the
  /// buffered requests that were not drained.
  init(failed: Failed?, special: [Figure], counts: BufferCounters?, lost: Figure) {
    figures =
      [Figure("FAILED", .failed(failed))] + special
      + [
        Figure("BUFFERED", counts?[.buffered], .emphasis),
        Figure("DRAINED", counts?[.drained], .emphasis), lost,
        Figure("SKIPPED", counts?[.skipped], .stateLost),
      ]
  }

  func render(into canvas: inout Canvas, in rect: Rect) {
    let columns = figures.enumerated().map { rank, figure in
      ColumnSet<Void>.Column(figure.title, .flexible(minimum: 9), rank: rank) { figure.cell }
    }
    ColumnSet(columns).render([()], into: &canvas, in: rect)
  }
}
