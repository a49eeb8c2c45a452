package import FleetModel
internal import Terms

extension Wording {
  /// What happened, without the servers that complete the sentence: `buffering started on`.
  package func text(_ event: FleetEvent) -> String {
    words(event.kind, of: event.gates ?? .vtgates)
  }

  /// The sentence: `requests drained by 10.0.0.1:15001 (12), 10.0.0.2:15001 (9)`; for more than
  /// three servers their number and the sum, `requests drained by 8 servers (3 815)`.
  package func sentence(_ event: FleetEvent) -> String {
    event.sources.count > 3 ? summary(event) : fullSentence(event)
  }

  /// The sentence without the servers' names: `requests drained by 2 servers (80)`.
  package func summary(_ event: FleetEvent) -> String {
    if case .lagOverThreshold(let lag, _) = event.kind { return excess(lag) }
    guard event.sources.count > 1 else { return fullSentence(event) }
    let total = event.count.map { " (\($0.grouped))" } ?? ""
    return "\(lead(event)) \(event.sources.count.grouped) servers\(total)"
  }

  /// The sentence with every server named, in the order of their addresses.
  package func fullSentence(_ event: FleetEvent) -> String {
    guard !event.sources.isEmpty else { return text(event) }
    let names = event.sources.sorted { $0.address < $1.address }.map { source in
      name(source.address) + (detail(source).map { " (\($0))" } ?? "")
    }
    return "\(lead(event)) \(names.joined(separator: ", "))"
  }

  /// What precedes the servers' names.
  private func lead(_ event: FleetEvent) -> String {
    switch event.kind {
    case .vtgateRestarted, .severalProcesses, .tabletsSilent, .tabletsAnswerAgain: "\(text(event)):"
    default: text(event)
    }
  }

  /// What is specific to one of the servers: `4 873`, `after 1.2 s`; nil when nothing is.
  package func detail(_ source: FleetEvent.Source) -> String? {
    source.count?.grouped ?? source.lasted.map { "after \($0.inTenths)" }
  }

  /// A kind in words, also for a check that finds the same fact without an event.
  ///
  /// `gates`: the kinds of gates that it is about.
  package func words(_ kind: FleetEvent.Kind, of gates: Gates = .vtgates) -> String {
    switch kind {
    case .vtgateRestarted: "\(gate(gates)) restarted, its counters began again at 0"
    case .severalProcesses:
      "several processes answer at this address, name each with --vtgate; its counters are not "
        + "followed"
    case .buffering(let step): "\(words(step).what) \(words(step).link)"
    case .combinedBuffering(let step, let keyspace):
      "\(wordsWhereCombined(step)) in \(keyspace ?? "some shard"), shards not told apart, on"
    case .clientErrorsRise(let codes):
      "client errors rise without buffering (\(codes.joined(separator: ", "))) at"

    case .primaryChanged(let now, let before):
      "primary is now \(now.short), was \(before.short)"
    case .primaryUnseen: "no \(gate(gates)) sees a serving primary"
    case .primaryServesAgain(let alias): "primary \(alias.short) is serving again"
    case .disagreement(let found): words(found, of: gates)
    case .agreement(let gone): "no longer: \(words(gone, of: gates))"
    case .cutover(let cutover): "\(words(cutover)) at"
    case .othersWait:
      "the other shards of its keyspace wait for it: vtgate holds their requests too"

    case .lagOverThreshold(let lag, let replica):
      excess(lag) + (replica.map { " (\(name($0)))" } ?? "")
    case .lagBackUnderThreshold(let metric): "\(metric.name) is back under the threshold"
    case .primaryServesLess(let tablet, let state):
      "\(name(tablet)) says that it is \(state.word)"
    case .primaryServesFully(let tablet): "\(name(tablet)) says that it is serving again"
    case .addressTakenOver(let tablet, let occupant): "\(name(tablet))'s \(words(occupant))"

    case .noAnswer(let target, let failure): "\(name(target)): \(words(failure))"
    case .answersAgain(let target, let time):
      "\(name(target)) answers again after \(time.inTenths)"
    case .tabletsSilent(let failure): "tablets do not answer (\(words(failure)))"
    case .tabletsAnswerAgain: "tablets answer again"
    case .deadRecords:
      "topo lists \(Self.unheard); they may have left long ago"
    case .vtgateLeft(let target): "\(name(target)) left: nobody names it any more"
    case .serversNamed(let kind, let cell, let source):
      "\(words(source)) names \(kind.name)s\(cell.map { " in \($0)" } ?? ""):"
    case .serversNoLongerNamed(let kind, let source):
      "\(words(source)) no longer names \(kind.name)s:"
    case .tabletLeft(let tablet): "tablet \(name(tablet)) left the topology"
    case .blind: "blind: no \(gate(gates)) answers"
    case .sightRegained(let time): "no longer blind, after \(time.inTenths)"
    case .shardBlind: "blind: nobody can say anything of it"
    case .shardSeenAgain: "it can be seen again"

    case .relayFails(let relay, let fault): "Prometheus at \(name(relay)): \(words(fault))"
    case .relayHidesTablets(let relay, let fault):
      "Prometheus at \(name(relay)) tells nothing new of tablets: \(words(fault))"
    case .relayTellsAgain(let relay, let time):
      "Prometheus at \(name(relay)) tells again of the servers, after \(time.inTenths)"
    case .staysRelayed(let unreached): words(unreached)

    case .topoUnread(let failure): "topo cannot be read: \(words(failure))"

    case .switchNear(let workflow, let isHalfWay, let shards, let time):
      quote(
        "\(workflow) \(isHalfWay ? "has its reads switched and its writes not" : "can be switched now"): "
          + "\(shards == 1 ? "the shard is" : "\(shards.grouped) shards are") watched closely "
          + "for \(time.asFlag)")

    case .baselineSet: "baseline set: counters count from here"
    case .baselineRemoved: "baseline removed: counters are the \(self.gates(gates))' totals"
    case .acknowledged(let subject):
      "\(owner(subject))known trouble, acknowledged until it changes"
    case .acknowledgementWithdrawn(let subject): "\(owner(subject))no longer acknowledged"
    case .acknowledgedDiffers(let subject):
      "\(owner(subject))what was acknowledged is no longer all that is wrong"
    case .acknowledgedOver(let subject): "\(owner(subject))what was acknowledged is over"
    case .actionsAllowed(let time): "actions are allowed for \(time.asFlag)"
    case .actionsForbidden: "actions are no longer allowed"
    case .actionBegun(let action): "you: \(quote(action))"
    case .actionEnded(_, let outcome, let action, let verdict):
      "\(outcome): \(quote(action)): \(quote(TabletAlias.shortened(in: verdict)))"
    case .noted(let text): "note: \(quote(text))"
    case .remark(_, let text): quote(text)
    }
  }

  /// Who names servers.
  package func words(_ source: ServerSource) -> String {
    switch source {
    case .file(let path): quote(path)
    case .dns(let name): "DNS (\(quote(name)))"
    case .command: "the command"
    case .vtctld: "vtctld"
    case .vtadmin: "vtadmin"
    }
  }

  /// The subject before its sentence; a shard stands beside the event.
  private func owner(_ subject: FleetCheck.Subject) -> String {
    switch subject {
    case .shard: ""
    case .tablets: "tablets: "
    case .fleet, .server: "\(name(subject)): "
    }
  }

  private func words(_ step: FleetEvent.BufferStep) -> (what: String, link: String) {
    switch step {
    case .goingOn: ("buffering was already going on", "at")
    case .passed(1): ("a failover began and ended between two polls", "of")
    case .passed(let count): ("\(count.grouped) failovers began and ended between two polls", "of")
    case .started: ("buffering started", "on")
    case .ended(let reason): ("buffering ended (\(reason.rawValue))", "on")
    case .evicted(let reason): ("requests evicted (\(reason.rawValue))", "by")
    case .notBuffered(let reason): ("requests not buffered (\(reason.rawValue))", "by")
    case .drained: ("requests drained", "by")
    }
  }

  private func wordsWhereCombined(_ step: FleetEvent.BufferStep) -> String {
    if case .notBuffered(let reason) = step {
      "not buffering (\(reason.rawValue))"
    } else {
      words(step).what
    }
  }
}
