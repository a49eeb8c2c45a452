package import FleetModel
package import TerminalKit
package import Terms
internal import Wording

/// A failover on its time axis, without the rest of its screen: phases, what failed, what was held
/// and lag.
package struct FailoverPicture {
  private let view: FailoverView

  /// `shard`: as of the moment `now`.
  package init(_ failover: Failover, of shard: Shard, at now: Instant, utcOffset: Int) {
    view = FailoverView(
      failover: failover, shard: shard, events: SharingArray(), now: now, utcOffset: utcOffset,
      isMarked: false, cutoverMeans: .commands)
  }

  /// As tall as it needs to be.
  package func drawn(columns: Int, _ glyphs: Glyphs = .unicode) -> Canvas {
    let parts = view.picture(columns: columns)
    let rows = parts.reduce(0) { $0 + $1.rows }
    var canvas = Canvas(size: Size(columns: columns, rows: max(1, rows)), glyphs: glyphs)
    var rest = canvas.bounds
    for part in parts {
      part.draw(&canvas, rest.rows(from: 0, count: part.rows))
      rest = rest.rows(from: part.rows)
    }
    return canvas
  }
}

extension FailoverView {
  private static let heldRows = 5
  private static let lagRows = 3

  fileprivate func picture(columns: Int) -> [Part] {
    let timeline = timeline(columns)
    var parts: [Part] = [(timeline.rows, { timeline.render(into: &$0, in: $1) })]
    if timeline.hasLimits { parts.append((Self.heldRows, renderHeld)) }
    if !failover.lag.points.isEmpty { parts.append((Self.lagRows, renderLag)) }
    if failures != nil { parts.append((1, renderFailures)) }
    return parts
  }
}
