internal import FleetModel
internal import Terms

extension Wording {
  /// What moves where, how far it is, and how old that word is: `MoveTables customer.m1 moves t1 to
  /// customer: streams run, 1 s behind; Reads Not Switched. Writes Not Switched; told 12s ago`.
  func words(_ workflow: TrafficWorkflow, age: Duration) -> String {
    let kind = workflow.isReshard ? "Reshard" : "MoveTables"
    let what =
      workflow.isReshard
      ? "moves the writes of \(names(workflow.sourceShards, or: "some shards")) to other shards"
      : "moves \(names(workflow.tables, or: "tables")) to \(workflow.target)"
    let state = [
      progress(of: workflow), workflow.trafficState, "told \(age.countdown) ago",
    ].compactMap(\.self)
    return quote("\(kind) \(workflow.label) \(what): \(state.joined(separator: "; "))")
  }

  private func progress(of workflow: TrafficWorkflow) -> String? {
    guard let streams = workflow.streams, let readiness = workflow.readiness else { return nil }
    let lag = "\(Int(streams.lag.seconds).grouped) s behind"
    return switch readiness {
    case .copying: "still copying"
    case .ready, .lagging: "streams run, \(lag)"
    case .halted: "streams are \(list(streams.states))"
    }
  }

  /// What a switch would do to requests, or what keeps it from being done.
  func expectation(
    of workflow: TrafficWorkflow, _ hold: Advice.SwitchHold, window: String, tick: String
  ) -> String {
    switch workflow.readiness {
    case .copying: return "nothing to do yet: it can be switched when the copy is complete"
    case .lagging:
      return "SwitchTraffic refuses it above --max-replication-lag-allowed (30s by default)"
    case .halted: return "its streams must run before it can be switched"
    case .ready, nil: break
    }
    return switch hold {
    case .held where workflow.isReshard:
      "requests for the shard are held while it is switched, for at most \(window)"
    case .held:
      "when it is switched, writes are held until the primary's next health message (\(tick), 20s by "
        + "default): keep \(window) above that"
    case .off: "no vtgate buffers for this shard: expect errors for as long as the switch takes"
    case .unsupported:
      "this release does not buffer a switch: expect errors for as long as it takes"
    case .unknown: "vtgates before v18 do not buffer a switch; the release of these is unknown"
    case .differing: "not all vtgates hold requests during a switch: expect errors at the others"
    }
  }

  /// The same as ``list(_:)``, or what they are called where none is known.
  private func names(_ names: Set<String>, or kind: String) -> String {
    names.isEmpty ? kind : list(names)
  }

  /// The first three of some names, in order, and how many more there are.
  func list(_ names: Set<String>) -> String {
    let sorted = names.sorted()
    let more = sorted.count > 3 ? " and \(sorted.count - 3) more" : ""
    return sorted.prefix(3).joined(separator: ", ") + more
  }
}
