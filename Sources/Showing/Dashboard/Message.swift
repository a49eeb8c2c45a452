package import Actions
package import FleetModel
package import TerminalKit
package import Terms

/// Everything that can change the model.
///
/// Time enters only here.
package enum Message: Equatable, Sendable {
  /// Keys that came together, or one, and when.
  case keys([KeyPress], at: Instant)
  /// Text was pasted.
  case pasted(String, at: Instant)
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
  /// What the topology holds of the keyspaces.
  case topo([TopoKeyspace])
  /// Why that cannot be had.
  case topoFailed(String)
  /// How an action goes, by its number.
  case reported(Int, ActionReport)
  /// The release of a shard's tablets, and the apps that its throttler was asked for lately.
  case lookedUpThrottler(ShardName, Release, recentApps: [String])
  /// What a reparent's preflight rests on.
  case facts(ShardName, Preflight.Facts)
  /// The audit log was opened on the way to an action; why it cannot be written, if so.
  case audited(failure: String?, Purpose)
  /// What came of an effect, for the event log.
  case noted(FleetEvent)
}

/// What an effect is on the way to; told back with its result.
package struct Purpose: Equatable, Sendable {
  let wanted: Dialog.Wanted
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
  /// Do what an operator has confirmed, once; the number comes back with each report.
  case act(Int, Action)
  /// Break an action's call off.
  case breakOff(Int)
  /// Look up what a reparent's preflight rests on; the tablet says its release.
  case lookUp(ShardName, TabletAlias?, [Address])
  /// Look up a tablet's release, and the apps that its throttler was asked for lately.
  case lookUpThrottler(ShardName, TabletAlias)
  /// See whether the audit log can be written.
  case probeAudit(Purpose)
  /// A planned reparent in the embedded cluster.
  case rehearseReparent(ShardName)
}
