package import FleetModel
package import TerminalKit

/// Everything that can change the model.
///
/// Time enters only here.
package enum Message: Equatable, Sendable {
  case key(Key)
  case resized(Size)
  /// The terminal's window has gained or lost the focus.
  case focused(Bool)
  /// A second has passed.
  case tick(Instant)
  /// A frame is about to be drawn.
  case frame(Instant)
  case watching(Target)
  case scraped(ScrapeOutcome)
  case forgot(Target, at: Instant)
  case paced(Pace)
  /// What the program itself takes.
  case measured(OwnCost)
  /// What came of an effect, for the event log.
  case noted(FleetEvent)
}

/// Work the session is asked to do, as data.
package enum Effect: Equatable, Sendable {
  case quit
  /// Draw the whole screen anew.
  case redraw
  /// Poll these servers, and no others, at the fast rate.
  case watchClosely(Set<Target>)
  /// Poll what is not watched closely so often from now on.
  case poll(every: Duration)
  /// Something has happened that was not there at the last frame.
  case news(FleetEvent)
  /// A planned reparent in the embedded cluster.
  case rehearseReparent(ShardName)
}
