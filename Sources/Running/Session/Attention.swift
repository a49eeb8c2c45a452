package import FleetModel
internal import Lines
package import TerminalKit
internal import Terms
internal import Watching

/// Who is told of events besides the one who looks at the screen, and of which.
package struct Attention {
  /// How the terminal draws attention; empty by default.
  package var means: Set<Attraction> = []
  /// Events of this severity and worse draw attention and run the hook.
  package var least = FleetEvent.Severity.critical
  /// Takes an event as one JSON object.
  package var hook: (@Sendable (String) -> Void)?
  /// Takes each event, of any severity, as one line; returns what the operator is to know of it, such
  /// as that lines are lost.
  package var record: ((String) -> String?)?

  package init() {}
}

/// Passes events on.
@MainActor
final class Announcer {
  /// Many things happen at once in a failover: the terminal rings once for them.
  static let pause: Duration = .seconds(2)

  private let attention: Attention
  private let plain: PlainLine
  private let json = JSONLine()
  private let attract: (String, Set<Attraction>) -> Void
  private var attractedAt: Instant?

  init(
    _ attention: Attention, utcOffset: Int,
    attract: @escaping (String, Set<Attraction>) -> Void = { _, _ in }
  ) {
    self.attention = attention
    self.attract = attract
    plain = PlainLine(utcOffset: utcOffset)
  }

  /// Returns an event of its own: that events are no longer recorded, or are again.
  func announce(_ event: FleetEvent, at now: Instant) -> FleetEvent? {
    let remark = attention.record?(plain.text(.event(event), at: now)).map {
      FleetEvent(at: now, shard: nil, .warning, $0)
    }
    guard event.severity >= attention.least else { return remark }
    attention.hook?(json.text(event))
    guard !attention.means.isEmpty,
      attractedAt.map({ now - $0 >= Self.pause }) ?? true
    else { return remark }
    attractedAt = now
    let whose = event.shard.map { "\($0): " } ?? ""
    attract("\(whose)\(event.sentence)", attention.means)
    return remark
  }
}
