/// How a fill looks from its lowest value to its limit, in steps: a role whose name ends in
/// `.fill`, followed by a number for each step, and `.over` beyond the limit.
///
/// A canvas holds `lag.fill.3`, and a theme gives `lag.fill` a ramp of colours, so that a picture
/// does not depend on how many colours there are.
package struct Ramp: Sendable, Equatable {
  /// Enough for a chart of a dozen rows, few enough to be distinguished.
  package static let steps = 8

  package let role: StyleRole
  /// Beyond the limit.
  package let over: StyleRole
  private let stepRoles: [StyleRole]

  /// `name`: the role's name without `.fill`.
  package init(_ name: String) {
    role = StyleRole("\(name).fill")
    over = StyleRole("\(role).over")
    stepRoles = (1...Self.steps).map { [role] in StyleRole("\(role).\($0)") }
  }

  /// The role for a share of the limit; more than 1 is over it.
  package func role(at share: Double) -> StyleRole {
    guard share <= 1 else { return share.isNaN ? role : over }
    return stepRoles[min(Self.steps - 1, Int(max(0, share) * Double(Self.steps)))]
  }

  /// A fill against a limit, for gauges without a role of their own.
  package static let gauge = Ramp("gauge")
}
