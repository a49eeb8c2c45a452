/// What a form begins with, as it was typed; nil lets the form choose.
package struct Filling: Equatable, Sendable {
  var app: String?
  var duration: String?
  var ratio: String?
  var isExempt = false
}

/// What leads to an action once actions are allowed.
package enum Wanted: Equatable, Sendable {
  case nothing, rules, throttler, reparent
  /// The next step of a cutover of a proxy's route.
  case cutover
  case throttle(Filling = Filling())
  /// A reparent of the embedded cluster with all defaults: a letter replaces the shard's name.
  case rehearsal
}

extension Wanted {
  /// Whether it is about what only tablets have.
  var isAboutTablets: Bool { self != .nothing && self != .cutover }
}
