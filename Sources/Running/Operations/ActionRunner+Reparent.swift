package import Actions
internal import FleetModel
internal import Terms
internal import VitessClient
internal import VtctldClient
internal import Wording

extension ActionRunner {
  func reparent(
    _ order: ReparentOrder, _ report: inout ActionReport, _ progress: @escaping Progress
  ) async {
    var sent: SentReparent?
    if let vtctld {
      sent = await reparent(order, through: vtctld, &report, progress)
    } else if let vtadmin {
      sent = await reparent(order, through: vtadmin, &report, progress)
    } else {
      report.endUnsent(.notSent(.noVtctldNamed), now())
    }
    guard var sent else { return }
    switch report.outcome {
    case .unknown:
      // Even when the operator cancelled the call, because then it is needed most.
      let (lost, intent, isBrokenOff) = (report, sent.intent, Task.isCancelled)
      report = await Task {
        await observed(
          order, lost, intent, for: isBrokenOff ? Self.lastLooks : observation, progress)
      }.value
    case .failed: await noteState(order.shard, &report)
    case .done:
      sent.primaryAfter = try? await readPrimary(order.shard)
      if let others = sent.others(than: order) {
        report.note(.topo(keyspace: nil), .done, .othersReparented(others))
        observe(sent.intent, Wording().words(others), &report)
        report.end(
          .partial, .promoted(sent.promoted, of: order.shard, others: others), at: now())
      }
    case .partial, .notSent, nil: break
    }
  }

  /// How long to watch topo for a call that was cancelled from here: whoever ended the program is
  /// waiting for it, or will kill it.
  private static let lastLooks = Duration.seconds(5)

  private func reparent(
    _ order: ReparentOrder, through vtctld: VtctldClient, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async -> SentReparent? {
    let started = report
    do throws(CallFailure) {
      let (ended, sent) = try await vtctld.withConnection {
        connection throws(CallFailure) -> (ActionReport, SentReparent?) in
        var report = started
        let server = ActionReport.Subject.vtctld(connection.server)
        let primary = try await connection.shard(order.shard).primary
        guard
          let intent = begin(
            order, primary: primary, server, call: order.call, body: order.json, &report)
        else { return (report, nil) }
        await progress(report)
        var sent = SentReparent(intent: intent)
        let watch = watch { try? await connection.shard(order.shard).primary }
        do throws(CallFailure) {
          let answer = try await connection.reparent(order)
          sent.answer(answer.promoted, answer.events)
          finish(order, server, sent, &report)
        } catch {
          finish(server, intent, error, &report)
        }
        watch.cancel()
        sent.primariesMeanwhile = await watch.value
        return (report, sent)
      }
      report = ended
      return sent
    } catch {
      report.endUnsent(.notReached(error), now())
      return nil
    }
  }

  private func reparent(
    _ order: ReparentOrder, through vtadmin: VtadminClient, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async -> SentReparent? {
    let isEmergency = order.kind == .emergency
    let server = ActionReport.Subject.vtadmin(vtadmin.base)
    let primary: TabletAlias?
    do throws(CallFailure) {
      primary = try await vtadmin.primary(of: order.shard)
    } catch {
      report.endUnsent(.notReached(error), now())
      return nil
    }
    let url = vtadmin.url(of: order.shard, isEmergency: isEmergency)
    guard
      let intent = begin(
        order, primary: primary, server, call: "POST \(url)", body: order.vtadminBody, &report)
    else { return nil }
    await progress(report)
    var sent = SentReparent(intent: intent)
    let watch = watch { try? await vtadmin.primary(of: order.shard) }
    do throws(CallFailure) {
      let (promoted, events) = try await vtadmin.reparent(
        order.shard, isEmergency: isEmergency, body: order.vtadminBody,
        within: order.waitReplicasTimeout * 2 + .seconds(120))
      sent.answer(promoted, events)
      finish(order, server, sent, &report)
    } catch {
      finish(server, intent, error, &report)
    }
    watch.cancel()
    sent.primariesMeanwhile = await watch.value
    return sent
  }

  /// Notes who is primary until it is cancelled, so that other people's reparents in between show.
  private func watch(
    _ read: @escaping @Sendable () async -> TabletAlias?
  ) -> Task<[TabletAlias], Never> {
    Task {
      var seen: [TabletAlias] = []
      while (try? await Task.sleep(for: .milliseconds(200))) != nil {
        if let primary = await read(), primary != seen.last { seen.append(primary) }
      }
      return seen
    }
  }

  /// Checks a last time, because what was shown may be outdated, and writes the intent; nil when
  /// that ends the action unsent.
  private func begin(
    _ order: ReparentOrder, primary: TabletAlias?, _ server: ActionReport.Subject, call: String,
    body: String,
    _ report: inout ActionReport
  ) -> AuditLog.Entry? {
    guard primary == order.expectedPrimary else {
      report.endUnsent(.primaryIsAnother(primary, expected: order.expectedPrimary), now())
      return nil
    }
    return intend(server, call: call, body: body, &report)
  }

  /// Ends the report when the server says that it is done.
  private func finish(
    _ order: ReparentOrder, _ server: ActionReport.Subject, _ sent: SentReparent,
    _ report: inout ActionReport
  ) {
    let finding = ActionReport.Finding.promoted(sent.promoted)
    conclude(sent.intent, .done, Wording().words(finding), &report)
    report.events = sent.events
    report.note(server, .done, finding)
    let isSame = order.kind == .emergency && sent.promoted == order.expectedPrimary
    report.end(
      .done,
      isSame
        ? .chosenAgain(order.expectedPrimary, of: order.shard)
        : .promoted(sent.promoted, of: order.shard, others: nil), at: now())
  }

  /// Finds out what came of a reparent that was never answered; never sends anything again.
  ///
  /// What is seen goes into the audit log at once, because the program may be ended meanwhile.
  private func observed(
    _ order: ReparentOrder, _ lost: ActionReport, _ intent: AuditLog.Entry, for time: Duration,
    _ progress: @escaping Progress
  ) async -> ActionReport {
    guard case .unanswered(let failure, _)? = lost.verdict else { return lost }
    let topo = ActionReport.Subject.topo(keyspace: nil)
    var report = lost
    // It has not ended while there is still something to find out.
    report.outcome = nil
    report.endedAt = nil
    report.verdict = .unanswered(failure, topo: .looking)
    await progress(report)
    let end = now() + time
    var last = ActionReport.TopoSight.unread(nil)
    var logged: ActionReport.TopoSight?
    while now() < end {
      last = await look(order.shard)
      if last == .names(order.expectedPrimary) { last = .stillNames(order.expectedPrimary) }
      if case .names(_?) = last {
        report.note(topo, .done, .topo(last))
        observe(intent, Wording().words(last), &report)
        report.end(.unknown, .unanswered(failure, topo: last), at: now())
        return report
      }
      report.note(topo, .pending, .topo(last))
      if last != logged { observe(intent, Wording().words(last), &report) }
      logged = last
      await progress(report)
      try? await Task.sleep(for: .milliseconds(500))
    }
    report.note(topo, .unknown, .topo(last))
    report.end(.unknown, .unanswered(failure, topo: last), at: now())
    return report
  }

  /// Adds the state in which a failed reparent has left the shard.
  private func noteState(_ shard: ShardName, _ report: inout ActionReport) async {
    guard case .refused(let failure, _)? = report.verdict else { return }
    let sight = await look(shard)
    report.note(.topo(keyspace: nil), .done, .topo(sight))
    report.verdict = .refused(failure, topo: sight)
  }

  private func look(_ shard: ShardName) async -> ActionReport.TopoSight {
    do throws(CallFailure) {
      return .names(try await readPrimary(shard))
    } catch {
      return .unread(error)
    }
  }

  private func readPrimary(_ shard: ShardName) async throws(CallFailure) -> TabletAlias? {
    guard let vtctld else { return try await vtadmin?.primary(of: shard) }
    return try await vtctld.withConnection { connection throws(CallFailure) in
      try await connection.shard(shard).primary
    }
  }
}

extension ActionRunner {
  /// What would be sent for an order, as on the wire.
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
