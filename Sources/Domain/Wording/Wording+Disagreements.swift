package import FleetModel
internal import Terms

extension Wording {
  /// What the servers disagree about: `vtgate gate3:15001 sees no serving primary, the others see
  /// zone1-101`.
  ///
  /// `gates`: the kinds of those that it names.
  package func words(_ found: Disagreement, of gates: Gates = .vtgates) -> String {
    let one = found.servers.count == 1
    let names = found.servers.prefix(3).map { name($0) }.joined(separator: ", ")
    let who =
      one
      ? "\(gate(gates)) \(names)"
      : "\(found.servers.count) \(self.gates(gates)) (\(names)\(found.servers.count > 3 ? ", …" : ""))"
    let others = found.primary.map { "the others see \($0.short)" } ?? "others see one"
    return switch found.kind {
    case .primaryUnseen: "\(who) \(one ? "sees" : "see") no serving primary, \(others)"
    case .otherPrimary(let alias):
      "\(who) still \(one ? "takes" : "take") \(alias.short) for the primary, \(others)"
    case .severalPrimaries(let aliases):
      "\(aliases.count) \(member(of: gates))s serve as primary: "
        + aliases.map(\.short).joined(separator: ", ")
        + (found.isStanding ? "" : "; usual for 20 s after an emergency reparent")
    case .claimsPrimary(let alias):
      "\(alias.short) says it is primary, the \(self.gates(gates)) see \(found.primary?.short ?? "another")"
    case .deniesPrimary(let alias):
      "the \(self.gates(gates)) take \(alias.short) for the primary, and it says it is none"
    case .failingCalls:
      "calls to the primary fail at \(who), \(Int(found.failures.rounded())) a second, and not at the "
        + "others"
    }
  }

  /// What to do about it.
  func remedy(_ found: Disagreement, of gates: Gates) -> String {
    switch found.kind {
    case .primaryUnseen where gates == .proxies, .otherPrimary where gates == .proxies:
      "statements go to different servers: sluice cutover status of each, and cut over the one that "
        + "lags behind"
    case .primaryUnseen, .otherPrimary:
      "queries fail there: see its log and --cells-to-watch, take it out of the load balancer, "
        + "restart it"
    case .severalPrimaries, .claimsPrimary, .deniesPrimary:
      "compare with topo (vtctldclient GetShard), and make sure that only one takes writes"
    case .failingCalls:
      "see that \(gate(gates))'s log; take it out of the load balancer as long as they fail"
    }
  }
}
