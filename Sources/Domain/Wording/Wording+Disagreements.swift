package import FleetModel
internal import Terms

extension Wording {
  /// What the servers disagree about: `vtgate gate3:15001 sees no serving primary, the others see
  /// zone1-101`.
  package func words(_ found: Disagreement) -> String {
    let one = found.servers.count == 1
    let names = found.servers.prefix(3).map { name($0) }.joined(separator: ", ")
    let who =
      one
      ? "vtgate \(names)"
      : "\(found.servers.count) vtgates (\(names)\(found.servers.count > 3 ? ", …" : ""))"
    let others = found.primary.map { "the others see \($0.short)" } ?? "others see one"
    return switch found.kind {
    case .primaryUnseen: "\(who) \(one ? "sees" : "see") no serving primary, \(others)"
    case .otherPrimary(let alias):
      "\(who) still \(one ? "takes" : "take") \(alias.short) for the primary, \(others)"
    case .severalPrimaries(let aliases):
      "\(aliases.count) tablets serve as primary: "
        + aliases.map(\.short).joined(separator: ", ")
        + (found.isStanding ? "" : "; usual for 20 s after an emergency reparent")
    case .claimsPrimary(let alias):
      "\(alias.short) says it is primary, the vtgates see \(found.primary?.short ?? "another")"
    case .deniesPrimary(let alias):
      "the vtgates take \(alias.short) for the primary, and it says it is none"
    case .failingCalls:
      "calls to the primary fail at \(who), \(Int(found.failures.rounded())) a second, and not at the "
        + "others"
    }
  }

  /// What to do about it.
  func remedy(_ found: Disagreement) -> String {
    switch found.kind {
    case .primaryUnseen, .otherPrimary:
      "queries fail there: see its log and --cells-to-watch, take it out of the load balancer, "
        + "restart it"
    case .severalPrimaries, .claimsPrimary, .deniesPrimary:
      "compare with topo (vtctldclient GetShard), and make sure that only one takes writes"
    case .failingCalls:
      "see that vtgate's log; take it out of the load balancer as long as they fail"
    }
  }
}
