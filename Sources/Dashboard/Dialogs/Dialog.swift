internal import Actions
internal import FleetModel
internal import TerminalKit

/// What stands over the screen and takes the keys: a question on the way to an action, or how one goes.
enum Dialog: Equatable, Sendable {
  /// Actions are to be allowed; then what was wanted is opened.
  case allow(InputLine, Wanted, complaint: String?)
  case throttle(ThrottleForm)
  case rules(RuleList)
  case throttler(ThrottlerForm)
  case reparent(ReparentForm)
  /// An action by its number; the call may be broken off once that is asked.
  case progress(Int, asksToBreakOff: Bool = false)
  /// The program is to end while actions run.
  case leave
  case notice(String)

  /// What leads to an action.
  enum Wanted: Equatable, Sendable { case nothing, throttle, rules, throttler, reparent }

  /// What a form asks for after a key.
  enum Answer: Equatable, Sendable {
    case stay
    case cancel
    case send(Action)
  }
}

/// Whether this run may change a cluster.
package enum Permission: Equatable, Sendable {
  /// Never: `--read-only`.
  case never
  /// Once the operator has allowed it on the screen.
  case onRequest
  /// From the start, until it runs out: `--allow-actions`.
  case fromStart
}

/// Something that can be asked about in a form's field.
protocol FormField: CaseIterable, Equatable {}

extension FormField {
  /// The next field, or the one before; stays at the ends.
  func moved(_ key: Key) -> Self {
    let all = Array(Self.allCases)
    guard let index = all.firstIndex(of: self) else { return self }
    let next = key == .up || key == .backTab ? index - 1 : index + 1
    return all[min(max(0, next), all.count - 1)]
  }
}
