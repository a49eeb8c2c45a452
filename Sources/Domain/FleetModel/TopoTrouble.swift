package import Terms

/// That the topology cannot be read, whoever asks for it.
struct TopoTrouble: Sendable, Equatable, Codable {
  let failure: CallFailure
  /// When it was last found so.
  let at: Instant
  var isOver = false

  /// Longer than it takes until every part of the topology is read again: of trouble that comes back
  /// sooner, in one part or the other, was said already.
  static let memory: Duration = .seconds(150)
}

extension Fleet {
  /// Why the topology cannot be read; nil when it can be, nobody wants to, or it is known as a source of
  /// servers that cannot be read.
  package var topoFailure: CallFailure? {
    guard let topoTrouble, !topoTrouble.isOver, sources[.vtctld]?.fault == nil else { return nil }
    return topoTrouble.failure
  }

  /// Takes why the topology cannot be read, and says it once.
  package mutating func apply(_ failure: CallFailure, at instant: Instant) {
    let before = topoTrouble
    topoTrouble = TopoTrouble(failure: failure, at: instant)
    let isKnown =
      before.map { $0.failure == failure && instant - $0.at < TopoTrouble.memory } ?? false
    guard !isKnown, topoFailure != nil else { return }
    tell(FleetEvent(at: instant, .topoUnread(failure)))
  }
}
