package import Actions
internal import FleetModel
internal import VitessClient
internal import VtctldClient

extension Operator {
  // MARK: Reparents

  func reparent(
    _ order: ReparentOrder, _ report: inout ActionReport, _ progress: @escaping Progress
  ) async {
    guard let vtctld else {
      guard let vtadmin else {
        return report.endUnsent("no vtctld is named: --vtctld HOST:PORT", now())
      }
      await reparent(order, through: vtadmin, &report, progress)
      return await conclude(order, &report, progress)
    }
    let started = report
    do throws(VtctldFailure) {
      report = try await vtctld.withConnection { connection throws(VtctldFailure) in
        var report = started
        // The last moment: what was shown may be old by now.
        let topo = try await connection.shard(order.shard)
        guard topo.primary == order.expectedPrimary else {
          let found = topo.primary.map(\.short) ?? "none"
          report.endUnsent(
            "nothing was sent: the primary in topo is \(found), not "
              + order.expectedPrimary.short, now())
          return report
        }
        let intent: AuditLog.Entry
        do throws(AuditLog.Unwritable) {
          intent = try audit.intend(
            report.action, server: "vtctld \(connection.server)", call: order.call,
            body: order.json, at: now())
        } catch {
          report.endUnsent("nothing was sent: \(error)", now())
          return report
        }
        report.sentAt = now()
        report.note("vtctld \(connection.server)", .pending, "sent, waiting for its answer")
        await progress(report)
        await send(order, connection, intent, &report)
        return report
      }
    } catch {
      report.endUnsent("nothing was sent: \(error)", now())
    }
    await conclude(order, &report, progress)
  }

  private func conclude(
    _ order: ReparentOrder, _ report: inout ActionReport, _ progress: @escaping Progress
  ) async {
    if report.outcome == .unknown {
      // Also when the operator has broken the call off: then it is needed most.
      let lost = report
      report = await Task { await observed(order, lost, progress) }.value
    }
    if report.outcome == .failed { await noteState(order.shard, &report) }
  }

  private func reparent(
    _ order: ReparentOrder, through vtadmin: VtadminClient, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let isEmergency = order.kind == .emergency
    let url = vtadmin.url(of: order.shard, isEmergency: isEmergency)
    let body = VtadminClient.body(
      to: order.newPrimary, expecting: order.expectedPrimary,
      waitReplicasTimeout: order.waitReplicasTimeout)
    let intent: AuditLog.Entry
    do {
      let primary = try await vtadmin.primary(of: order.shard)
      guard primary == order.expectedPrimary else {
        return report.endUnsent(
          "nothing was sent: the primary in topo is \(primary.map(\.short) ?? "none"), not "
            + order.expectedPrimary.short, now())
      }
      intent = try audit.intend(
        report.action, server: "vtadmin \(vtadmin.base)", call: "POST \(url)", body: body, at: now()
      )
    } catch {
      return report.endUnsent("nothing was sent: \(error)", now())
    }
    report.sentAt = now()
    report.note("vtadmin", .pending, "sent, waiting for its answer")
    await progress(report)
    do throws(CallFailure) {
      let (promoted, events) = try await vtadmin.reparent(
        order.shard, isEmergency: isEmergency, body: body,
        within: order.waitReplicasTimeout * 2 + .seconds(120))
      let name = promoted.map(\.short) ?? "?"
      conclude(intent, .done, "promoted \(name)", &report)
      report.events = events
      report.note("vtadmin", .done, "promoted \(name)")
      report.end(.done, "\(name) is primary of \(order.shard)", at: now())
    } catch {
      let outcome = ActionReport.Outcome(error.kind)
      if outcome == .notSent { report.sentAt = nil }
      conclude(intent, outcome, error.description, &report)
      report.note("vtadmin", outcome == .unknown ? .unknown : .failed, error.description)
      report.end(
        outcome,
        outcome == .unknown
          ? "no answer came (\(error)): whether the reparent was carried out is not known"
          : error.description, at: now())
    }
  }

  private func send(
    _ order: ReparentOrder, _ connection: VtctldConnection, _ intent: AuditLog.Entry,
    _ report: inout ActionReport
  ) async {
    let server = "vtctld \(connection.server)"
    do throws(VtctldFailure) {
      let answer = try await connection.reparent(order)
      let promoted = answer.promoted.map(\.short) ?? "?"
      conclude(intent, .done, "promoted \(promoted)", &report)
      report.events = answer.events
      report.note(server, .done, "promoted \(promoted)")
      report.end(.done, "\(promoted) is primary of \(order.shard)", at: now())
    } catch {
      let isLost = error.kind == .lost
      conclude(intent, isLost ? .unknown : .failed, error.description, &report)
      report.note(server, isLost ? .unknown : .failed, error.description)
      report.end(
        isLost ? .unknown : .failed,
        isLost
          ? "no answer came (\(error)): whether the reparent was carried out is not known"
          : error.description, at: now())
    }
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
    let body = VtadminClient.body(
      to: order.newPrimary, expecting: order.expectedPrimary,
      waitReplicasTimeout: order.waitReplicasTimeout)
    return "POST \(vtadmin.url(of: order.shard, isEmergency: order.kind == .emergency)) \(body)"
  }
}
