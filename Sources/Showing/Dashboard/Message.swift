package import Actions
package import FleetModel
package import TerminalKit
package import Terms
package import Watching

/// Everything that can change the model.
///
/// Time enters only here.
package enum Message: Equatable, Sendable {
  /// Keys that arrived together, or a single one, and when.
  case keys([KeyPress], at: Instant)
  /// Something was done with the mouse, and when.
  case mouse(MouseAction, at: Instant)
  /// Text was pasted.
  case pasted(String, at: Instant)
  case resized(Size)
  /// The terminal's window has gained or lost the focus.
  case focused(Bool)
  /// Something was observed of the cluster.
  case observed(Observation)
  /// In a recording: the operator did something that showed.
  case operated(OperatorStep, at: Instant)
  /// A recording went to another moment: what was known then.
  case sought(Watch)
  /// How a recording is being played.
  case playing(Playback)
  /// A second has passed.
  case tick(Instant)
  /// What is known is to be brought up to a moment.
  case moment(Instant)
  /// The model has been drawn and is on the screen as it is.
  case shown
  /// What the program itself consumes.
  case measured(OwnCost)
  /// The progress of an action, by its number.
  case reported(Int, ActionReport)
  /// The release of a shard's primary, and the apps that recently asked its throttler; nil if it
  /// does not list those.
  case lookedUpThrottler(ShardName, Release, recentApps: [String]?)
  /// The facts behind a reparent's preflight.
  case facts(ShardName, ReparentPreflight.Facts)
  /// The result of copying a text: what it is, how long it is, and what became of it.
  case copied(String, bytes: Int, Copying)
  /// The screen was written to two files of a folder, `.txt` and `.html`, under this name, and where
  /// `hasReport`, a failover's report to `-report.html` and `-report.md`.
  case wrote(String, in: String, hasReport: Bool)
  /// The screen could not be written, and why.
  case notWritten(String)
  /// The file into which all of it is recorded from now on; nil: into none.
  case recording(into: String?)
  /// What the clusters of this run tell of themselves, in the order in which they were named.
  case clusters([ClusterGlance])
  /// How the embedded cluster's scenario stands.
  case rehearsed(Rehearsal)
  /// What the embedded cluster says to a command.
  case labAnswered(String, LabAnswer)
  /// The audit log was opened on the way to an action; why it cannot be written, if so.
  case audited(failure: String?, Wanted)
}

/// Work the session is asked to do, as data.
package enum Effect: Equatable, Sendable {
  case quit
  /// Redraw the whole screen.
  case redraw
  /// Draw with another theme, by name.
  case theme(String)
  /// Hand a text to the terminal's clipboard; the words say what it is.
  case copy(String, of: String)
  /// Play a recording in another way, or from elsewhere.
  case play(Playback.Wish)
  /// Write what is on the screen to files, and with it the report of a failover, by its number.
  case writeScreen(reporting: Int?)
  /// Begin to record, or end it.
  case record
  /// Make a recording of the last minutes.
  case saveRecent
  /// Something has happened that was not known a moment ago.
  case news(FleetEvent)
  /// Do what an operator has confirmed, once; the number is returned with each report.
  case act(Int, ActionReport)
  /// Abort an action's call.
  case breakOff(Int)
  /// Look up the facts behind a reparent's preflight; the tablet reports its release.
  case lookUp(ShardName, TabletAlias?, [Address])
  /// Look up a tablet's release, and the apps that recently asked its throttler.
  case lookUpThrottler(ShardName, TabletAlias)
  /// Have the embedded cluster carry out a command of its own.
  case lab(String)
  /// Show another cluster of this run, by its name; nil: the overview.
  case showCluster(String?)
  /// See whether the audit log can be written.
  case probeAudit(Wanted)
}
