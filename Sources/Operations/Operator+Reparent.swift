package import Actions
internal import FleetModel
internal import VitessClient
internal import VtctldClient

extension Operator {
  func reparent(
    _ order: ReparentOrder, _ report: inout ActionReport, _ progress: @escaping Progress
  ) async {
    if let vtctld {
      await reparent(order, through: vtctld, &report, progress)
    } else if let vtadmin {
      await reparent(order, through: vtadmin, &report, progress)
    } else {
      report.endUnsent("no vtctld is named: --vtctld HOST:PORT", now())
    }
    if report.outcome == .unknown {
      // Also when the operator has broken the call off: then it is needed most.
      let lost = report
      report = await Task { await observed(order, lost, progress) }.value
    }
    if report.outcome == .failed { await noteState(order.shard, &report) }
  }

  private func reparent(
    _ order: ReparentOrder, through vtctld: VtctldClient, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let started = report
    do throws(VtctldFailure) {
      report = try await vtctld.withConnection { connection throws(VtctldFailure) in
        var report = started
        let server = "vtctld \(connection.server)"
        let primary = try await connection.shard(order.shard).primary
        guard
          let intent = begin(
            order, primary: primary, server, call: order.call, body: order.json, &report)
        else { return report }
        await progress(report)
        do throws(VtctldFailure) {
          let answer = try await connection.reparent(order)
          finish(order, server, intent, answer.promoted, answer.events, &report)
        } catch {
          let outcome: ActionReport.Outcome = error.kind == .lost ? .unknown : .failed
          finish(server, intent, outcome, error.description, &report)
        }
        return report
      }
    } catch {
      report.endUnsent("nothing was sent: \(error)", now())
    }
  }

  private func reparent(
    _ order: ReparentOrder, through vtadmin: VtadminClient, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let isEmergency = order.kind == .emergency
    let server = "vtadmin \(vtadmin.base)"
    let primary: TabletAlias?
    do throws(CallFailure) {
      primary = try await vtadmin.primary(of: order.shard)
    } catch {
      return report.endUnsent("nothing was sent: \(error)", now())
    }
    let url = vtadmin.url(of: order.shard, isEmergency: isEmergency)
    guard
      let intent = begin(
        order, primary: primary, server, call: "POST \(url)", body: order.vtadminBody, &report)
    else { return }
    await progress(report)
    do throws(CallFailure) {
      let (promoted, events) = try await vtadmin.reparent(
        order.shard, isEmergency: isEmergency, body: order.vtadminBody,
        within: order.waitReplicasTimeout * 2 + .seconds(120))
      finish(order, server, intent, promoted, events, &report)
    } catch {
      finish(server, intent, ActionReport.Outcome(error.kind), error.description, &report)
    }
  }

  /// Looks a last time, because what was shown may be old by now, and writes the intent; nil ends it
  /// unsent.
  private func begin(
    _ order: ReparentOrder, primary: TabletAlias?, _ server: String, call: String, body: String,
    _ report: inout ActionReport
  ) -> AuditLog.Entry? {
    guard primary == order.expectedPrimary else {
      report.endUnsent(
        "nothing was sent: the primary in topo is \(primary.map(\.short) ?? "none"), not "
          + order.expectedPrimary.short, now())
      return nil
    }
    do throws(AuditLog.Unwritable) {
      let intent = try audit.intend(
        report.action, server: server, call: call, body: body, at: now())
      report.sentAt = now()
      report.note(server, .pending, "sent, waiting for its answer")
      return intent
    } catch {
      report.endUnsent("nothing was sent: \(error)", now())
      return nil
    }
  }

  /// The server says that it is done.
  private func finish(
    _ order: ReparentOrder, _ server: String, _ intent: AuditLog.Entry, _ promoted: TabletAlias?,
    _ events: [String], _ report: inout ActionReport
  ) {
    let name = promoted.map(\.short) ?? "?"
    conclude(intent, .done, "promoted \(name)", &report)
    report.events = events
    report.note(server, .done, "promoted \(name)")
    report.end(.done, "\(name) is primary of \(order.shard)", at: now())
  }

  /// It is not, or nobody says.
  private func finish(
    _ server: String, _ intent: AuditLog.Entry, _ outcome: ActionReport.Outcome, _ words: String,
    _ report: inout ActionReport
  ) {
    conclude(intent, outcome, words, &report)
    if outcome == .notSent { report.sentAt = nil }
    report.note(server, outcome == .unknown ? .unknown : .failed, words)
    report.end(
      outcome,
      outcome == .unknown
        ? "no answer came (\(words)): whether the reparent was carried out is not known" : words,
      at: now())
  }

  /// Looks for what came of a reparent of which no answer came; never sends anything again.
  private func observed(
    _ order: ReparentOrder, _ lost: ActionReport, _ progress: @escaping Progress
  ) async -> ActionReport {
    var report = lost
    // It has not ended as long as there is something to find out.
    report.outcome = nil
    report.endedAt = nil
    let said = lost.verdict
    report.verdict = "\(said); looking at topo"
    await progress(report)
    let end = now() + observation
    var last = "topo could not be read"
    while now() < end {
      do {
        if let primary = try await readPrimary(order.shard), primary != order.expectedPrimary {
          report.note("topo", .done, "names \(primary.short)")
          report.end(
            .unknown,
            "\(said); topo now names \(primary.short) as primary: it was carried out, by this "
              + "request or another", at: now())
          return report
        }
        last = "topo still names \(order.expectedPrimary.short) as primary"
      } catch {
        last = "topo could not be read: \(error)"
      }
      report.note("topo", .pending, last)
      await progress(report)
      try? await Task.sleep(for: .seconds(1))
    }
    report.note("topo", .unknown, last)
    report.end(.unknown, "\(said); \(last)", at: now())
    return report
  }

  /// Adds in what state a failed reparent has left the shard.
  private func noteState(_ shard: ShardName, _ report: inout ActionReport) async {
    let state: String
    do {
      let primary = try await readPrimary(shard).map(\.short) ?? "nobody"
      state = "topo names \(primary) as primary"
    } catch {
      state = "topo cannot be read: \(error)"
    }
    report.note("topo", .done, state)
    report.verdict += "; \(state)"
  }

  private func readPrimary(_ shard: ShardName) async throws -> TabletAlias? {
    guard let vtctld else { return try await vtadmin?.primary(of: shard) }
    return try await vtctld.withConnection { connection throws(VtctldFailure) in
      try await connection.shard(shard).primary
    }
  }
}

extension Operator {
  /// What would be sent for an order, in words of the wire.
  package func request(for order: ReparentOrder) -> String {
    guard vtctld == nil, let vtadmin else { return "\(order.call) \(order.json)" }
    let url = vtadmin.url(of: order.shard, isEmergency: order.kind == .emergency)
    return "POST \(url) \(order.vtadminBody)"
  }
}

extension ReparentOrder {
  fileprivate var vtadminBody: String {
    VtadminClient.body(
      to: newPrimary, expecting: expectedPrimary, waitReplicasTimeout: waitReplicasTimeout)
  }
}
