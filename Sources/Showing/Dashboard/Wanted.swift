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
  case throttle(Filling = Filling())
  /// A reparent of the embedded cluster with all defaults: a letter replaces the shard's name.
  case rehearsal
}
