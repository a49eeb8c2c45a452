package import FleetModel
package import TerminalKit
internal import Terms

/// Who is told about events, besides whoever is looking at the screen, and about which ones.
package struct Attention {
  /// How the terminal draws attention; empty by default.
  package var means: Set<Attraction> = []
  /// Events of this severity and worse draw attention and run the hook.
  package var least = FleetEvent.Severity.critical
  /// Takes an event as one JSON object; returns what the operator should know about it, such as
  /// that events are dropped.
  package var hook: (@Sendable (String) -> String?)?
  /// Takes each event, of any severity, as one line, and returns before it is written; reports what
  /// the operator should know about it, such as that lines are lost.
  package var record: (@Sendable (String, _ say: @escaping @Sendable (String) -> Void) -> Void)?

  package init() {}
}
