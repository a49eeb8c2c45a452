package import FleetModel
package import Terms

/// An order to a proxy about the cutover of one of its routes.
package struct CutoverOrder: Sendable, Equatable {
  package enum Step: Sendable, Equatable {
    /// Holds new work; `isUnbuffered`: also where it would not be buffered but fail.
    case start(isUnbuffered: Bool)
    /// `isChecked`: only once the new server has everything that the old one wrote; `ending`: ends what
    /// is in flight if there is no more of it than that, and waits for it where it is nil.
    case carryThrough(isChecked: Bool, ending: Int?)
    case cancel
  }

  package var step: Step
  package var route: ShardName
  /// The servers, by their names in the proxy's file.
  package var from: String
  package var to: String
  /// Where the proxy's pages are.
  package var proxy: Address
  /// Whether it was given knowing that the new server may take writes already: cancelled, the cutover
  /// may leave two that do.
  package var knowsOfDoubt = false

  package init(
    _ step: Step, of route: ShardName, from: String, to: String, at proxy: Address
  ) {
    self.step = step
    self.route = route
    self.from = from
    self.to = to
    self.proxy = proxy
  }

  /// What rules the order out as the route stands; nil when nothing does.
  ///
  /// What was shown to the operator may be outdated by the time it is confirmed.
  package func objection(to standing: ProxyRoute?) -> Objection? {
    guard let standing else { return .noRoute(route, proxy) }
    switch step {
    case .start:
      return standing.server == from ? nil : .routeLeadsElsewhere(standing.server, expected: from)
    case .carryThrough, .cancel:
      guard let cutover = standing.cutover, cutover.isUnderWay else { return .noCutover(route) }
      guard cutover.from == from, cutover.to == to else { return .otherCutover(cutover) }
      let isSurprise = step == .cancel && cutover.phase == .undecided && !knowsOfDoubt
      return isSurprise ? .hasBecomeUndecided(to) : nil
    }
  }
}

extension CutoverOrder.Step {
  /// The page of the proxy that takes it.
  package var path: String {
    switch self {
    case .start: "/cutover/start"
    case .carryThrough: "/cutover/switch"
    case .cancel: "/cutover/cancel"
    }
  }

  /// What that page is told besides the route and, where it starts, the new server.
  package var parameters: [(name: String, value: String)] {
    switch self {
    case .start(let isUnbuffered): isUnbuffered ? [("unbuffered", "true")] : []
    case .carryThrough(let isChecked, let most):
      (isChecked ? [] : [("check", "false")]) + (most.map { [("force", "\($0)")] } ?? [])
    case .cancel: []
    }
  }
}
