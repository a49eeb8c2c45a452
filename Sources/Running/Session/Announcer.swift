internal import FleetModel
internal import Lines
internal import TerminalKit
internal import Terms
internal import Watching
internal import Wording

/// Passes events on.
@MainActor
final class Announcer {
  /// Many things happen at once in a failover, for which the terminal rings only once.
  static let pause: Duration = .seconds(2)

  private let attention: Attention
  private let plain: PlainLine
  private let json = JSONLine()
  private let attract: (String, Set<Attraction>) -> Void
  private var attractedAt: Instant?
  /// Replaces hosts in what the terminal shows; nil shows them.
  var mask: () -> HostMask? = { nil }
  /// Takes whatever the record reports after an event was announced.
  var say: (FleetEvent) -> Void = { _ in }

  init(
    _ attention: Attention, utcOffset: Int,
    attract: @escaping (String, Set<Attraction>) -> Void = { _, _ in }
  ) {
    self.attention = attention
    self.attract = attract
    plain = PlainLine(utcOffset: utcOffset)
  }

  /// Returns events of its own: that events no longer run a hook, or run it again.
  func announce(_ event: FleetEvent, at now: Instant) -> [FleetEvent] {
    attention.record?(plain.text(.event(event), at: now)) { [weak self] remark in
      Task { @MainActor in self?.say(FleetEvent(at: now, .remark(.warning, remark))) }
    }
    var remark: String?
    if event.severity >= attention.least {
      remark = attention.hook?(json.text(event))
      if !attention.means.isEmpty, attractedAt.map({ now - $0 >= Self.pause }) ?? true {
        attractedAt = now
        let whose = event.shard.map { "\($0): " } ?? ""
        attract("\(whose)\(Wording(mask: mask()).sentence(event))", attention.means)
      }
    }
    return remark.map { [FleetEvent(at: now, .remark(.warning, $0))] } ?? []
  }
}
