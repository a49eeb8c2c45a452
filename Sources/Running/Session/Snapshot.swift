package import Dashboard
internal import FleetModel
package import TerminalKit
package import Terms
package import Watching

/// One screen, drawn without a terminal.
package enum Snapshot {
  /// Which screen to draw.
  package enum View: Sendable, Equatable {
    case fleet
    case shard(ShardName)
  }

  /// Draws a screen of what one look has shown.
  ///
  /// `playback`: the moment of a recording that it is; nil for the cluster itself.
  package static func draw(
    _ watch: Watch, settings: Model.Settings, playback: Playback? = nil, view: View,
    on canvas: inout Canvas
  ) {
    var model = Model(settings: settings, watch: watch, size: canvas.size)
    if let playback { _ = model.update(.playing(playback)) }
    _ = model.update(.moment(watch.now))
    if case .shard(let name) = view { model.open(name) }
    model.render(into: &canvas)
  }
}
