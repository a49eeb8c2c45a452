package import FleetModel
internal import Terms

extension Wording {
  package func name(_ subject: FleetCheck.Subject) -> String {
    guard case .server(let target) = subject else { return subject.description }
    return name(target)
  }

  /// A problem in one line: `degraded: commerce/0: no vtgate buffers for it`.
  package func line(_ problem: FleetCheck.Problem, of gates: Gates) -> String {
    "\(problem.health.word): \(name(problem.subject)): \(words(problem.finding, of: gates))"
  }

  /// What a check has found, to go with its subject's name; in an event's words if one reports the
  /// same.
  ///
  /// `gates`: the kinds of those that were looked at.
  package func words(_ finding: FleetCheck.Finding, of gates: Gates = .vtgates) -> String {
    switch finding {
    case .noShardNamed: "no server names a shard"
    case .blind: words(FleetEvent.Kind.blind, of: gates)
    case .relayFails(let relay, let fault):
      words(FleetEvent.Kind.relayFails(relay.address, fault))
    case .relayHidesTablets(let relay, let fault):
      words(FleetEvent.Kind.relayHidesTablets(relay.address, fault))
    case .relayIsSlow(let relay, let delay): isSlow(relay, delay)
    case .noAnswer(let failure): failure.map { words($0) } ?? "no answer"
    case .sourceFails(let source, nil): "\(words(source)) has not said yet whom it names"
    case .sourceFails(_, let fault?): quote(fault)
    case .severalProcesses: words(FleetEvent.Kind.severalProcesses)
    case .tabletsSilent(let count, let tablets, let failure):
      "\(count.grouped) tablets do not answer "
        + "(\(tablets.map { name($0) }.joined(separator: ", ")), …): "
        + words(FleetCheck.Finding.noAnswer(failure), of: gates)
    case .readInPart(let complaint): words(complaint)
    case .shardNotKnown(let complaint):
      "its shard is not known" + (complaint.map { ": \(words($0))" } ?? "")

    case .shardBlind: words(FleetEvent.Kind.shardBlind)
    case .primaryUnseen(hasOnlyReplicas: false):
      words(FleetEvent.Kind.primaryUnseen, of: gates)
    case .primaryUnseen(hasOnlyReplicas: true) where gates == .proxies:
      words(FleetEvent.Kind.primaryUnseen, of: gates)
    case .primaryUnseen(hasOnlyReplicas: true):
      words(FleetEvent.Kind.primaryUnseen, of: gates)
        + ", only replicas: a snapshot keyspace, or the primary is gone "
        + "(--ignore sets it aside)"
    case .namedByNoVtgate: "no \(gate(gates)) names it, only a tablet of its own"
    case .nothingKnown: "nothing is known of it"
    case .onlyInTopo(nil): "set aside: it \(words(Idleness.uninitialized)), and only topo names it"
    case .onlyInTopo(let primary?):
      "only topo names it: no \(gate(gates)) knows it and no tablet of it answers, though \(primary.short) "
        + "is its primary there"
    case .cutoverUnderWay(let cutover, let held):
      "\(words(cutover)), \(held?.grouped ?? "an unknown number of") requests held"
    case .holding(let state, let held):
      "\(state.word), \(held?.grouped ?? "an unknown number of") requests held"
    case .disagreement(let found): words(found, of: gates)
    case .counts(let caveat): words(caveat, of: gates)
    case .failed(let failed): "\(words(failed)) in a failover"
    case .bufferingOff: "no \(gate(gates)) buffers for it"
    case .lagOver(let lag): excess(lag)
    case .primaryServesLess(let tablet, let state):
      words(FleetEvent.Kind.primaryServesLess(tablet, state))
    case .tabletsNotServing(let count, let tablets): notServing(count, tablets, of: gates)
    case .addressTakenOver(let tablet, let occupant):
      words(FleetEvent.Kind.addressTakenOver(tablet, by: occupant))
    case .primaryReadOnly(let server): "\(quote(server)) serves and is read-only: writes fail"

    case .unverified:
      "--http-insecure: no certificate is checked, so anyone on the way can read and change what is told"
    case .setAside(let idleness, let successors):
      "set aside: it \(words(idleness)), "
        + successors.map(\.description).joined(separator: " and ")
        + (successors.count == 1 ? " has" : " have") + " its key range"
    case .snapshot(let base): "set aside: it \(words(Idleness.snapshot(of: base)))"
    case .deadRecords: words(FleetEvent.Kind.deadRecords)
    case .relayed(let relay): words(relay)
    case .tabletsUnplaced(let count): tabletsUnplaced(count)
    case .relayClockUnknown(let relay, let fault): clockUnknown(relay, fault)
    case .staysRelayed(let unreached): words(FleetEvent.Kind.staysRelayed(unreached))
    case .unscraped(let unscraped): words(unscraped)
    case .sourceStays(_, let fault): "\(quote(fault)); its last list stays"
    case .sourceNamesNobody(let source): "\(words(source)) names no server"
    case .sourceRemark(_, let remark): quote(remark)
    case .topoUnread(let failure): words(FleetEvent.Kind.topoUnread(failure))
    case .severalWritable(let servers):
      "\(servers.map { quote($0) }.joined(separator: " and ")) take writes: those that reach the others "
        + "past the proxy are not in the server that its clients see"
    case .cutoversUnknown: "how its cutovers stand is not known: \(Self.cutoversUntold)"
    case .ignored(let finding): "ignored: \(words(finding, of: gates))"
    case .acknowledged(let finding): "acknowledged: \(words(finding, of: gates))"
    }
  }

  /// Tablets that are meant to serve: `zone1-102 does not serve`, `4 tablets do not serve (…)`.
  func notServing(_ count: Int, _ tablets: [TabletName], of gates: Gates) -> String {
    if count == 1, let tablet = tablets.first { return "\(name(tablet)) does not serve" }
    let names = tablets.map { name($0) } + (count > tablets.count ? ["…"] : [])
    return "\(count.grouped) \(member(of: gates))s do not serve (\(names.joined(separator: ", ")))"
  }

  /// What a table says about records that it leaves out.
  package func deadRecords(_ count: Int) -> String {
    "\(count.grouped) record\(count == 1 ? "" : "s") of \(Self.unheard)"
  }

  static let cutoversUntold = "only the proxy itself tells, at /cutover"

  static let unheard = "tablets that nobody has heard of"
}
