/// What leads to an action, once actions are allowed.
package enum Wanted: Equatable, Sendable {
  case nothing, throttle, rules, throttler, reparent
  /// A reparent of the embedded cluster with all defaults: a letter stands for the shard's name.
  case rehearsal
}
