package import Actions
package import FleetModel
package import VitessClient
package import VtctldClient

/// Carries out what an operator has decided: each request once, written to the audit log before.
package struct Operator: Sendable {
  package typealias Progress = @Sendable (ActionReport) async -> Void

  /// How long rules are waited for to appear where they belong: tablets follow topo well within a
  /// second, a threshold up to ten later.
  private static let readBackTime = Duration.seconds(10)
  private static let readBackPause = Duration.milliseconds(250)
  private let vtctld: VtctldClient?
  private let vtadmin: VtadminClient?
  private let audit: AuditLog
  private let observation: Duration
  private let now: @Sendable () -> Instant

  /// Reparents go to `vtadmin` where there is no `vtctld`.
  ///
  /// `observation`: how long a reparent of which no answer came is looked for in topo.
  package init(
    vtctld: VtctldClient?, vtadmin: VtadminClient? = nil, audit: AuditLog,
    observation: Duration = .seconds(60),
    now: @escaping @Sendable () -> Instant
  ) {
    self.observation = observation
    self.vtctld = vtctld
    self.vtadmin = vtadmin
    self.audit = audit
    self.now = now
  }

  /// Does it and tells how it goes; the last report has an outcome.
  @discardableResult
  package func perform(_ action: Action, progress: Progress) async -> ActionReport {
    var report = ActionReport(action, at: now())
    switch action {
    case .throttle(let order):
      switch order.scope {
      case .tablets(let tablets): await send(order, to: tablets, &report, progress)
      case .keyspace(let keyspace): await update(keyspace, order, &report, progress)
      }
    case .configure(let order): await update(order, &report, progress)
    case .reparent(let order): await reparent(order, &report, progress)
    }
    await progress(report)
    return report
  }

  // MARK: Rules in tablets' memory

  private func send(
    _ order: ThrottleOrder, to tablets: [ThrottleOrder.Tablet], _ report: inout ActionReport,
    _ progress: Progress
  ) async {
    let fetcher = HTTPFetcher(deadline: .seconds(5))
    let calls = ThrottlerCalls(fetcher)
    for tablet in tablets { report.note(tablet.label, .pending, "not sent yet") }
    for tablet in tablets {
      let intent: AuditLog.Entry
      do throws(AuditLog.Unwritable) {
        intent = try audit.intend(
          report.action, server: "vttablet \(tablet.label) \(tablet.address)",
          call: "POST \(order.path)", body: nil, at: now())
      } catch {
        report.note(tablet.label, .failed, "not sent: \(error)")
        continue
      }
      report.sentAt = report.sentAt ?? now()
      do throws(CallFailure) {
        try await calls.send(order.path, to: tablet.address)
        conclude(intent, .done, "200", &report)
        report.note(tablet.label, .pending, "sent, reading it back")
      } catch {
        let outcome: ActionReport.Outcome =
          switch error.kind {
          case .notSent: .notSent
          case .refused: .failed
          case .lost: .unknown
          }
        conclude(intent, outcome, error.description, &report)
        report.note(
          tablet.label, error.kind == .lost ? .unknown : .failed, error.description)
      }
      await progress(report)
    }
    let end = now() + Self.readBackTime
    let open = tablets.filter { tablet in
      report.parts.contains {
        $0.subject == tablet.label && ($0.state == .pending || $0.state == .unknown)
      }
    }
    var waiting = open
    while !waiting.isEmpty, now() < end {
      for tablet in waiting {
        do throws(ScrapeFailure) {
          guard let apps = try await calls.apps(at: tablet.address) else {
            report.note(tablet.label, .done, "taken; this release cannot list its rules")
            waiting.removeAll { $0 == tablet }
            continue
          }
          if let words = order.seen(in: apps, at: now()) {
            report.note(tablet.label, .done, words)
            waiting.removeAll { $0 == tablet }
          }
        } catch {
          report.note(tablet.label, .unknown, error.description)
        }
      }
      await progress(report)
      if !waiting.isEmpty { try? await Task.sleep(for: Self.readBackPause) }
    }
    await fetcher.shutdown()
    conclude(&report)
  }

  // MARK: Rules in topo

  private func update(
    _ keyspace: String, _ order: ThrottleOrder, _ report: inout ActionReport, _ progress: Progress
  ) async {
    await update(
      order.change(of: keyspace, at: now()), needing: 18, &report, progress
    ) { tablet, connection, calls in
      try await Self.readBack(order, tablet, connection, calls, at: now())
    }
  }

  private func update(
    _ order: ThrottlerOrder, _ report: inout ActionReport, _ progress: Progress
  ) async {
    let change: ThrottlerChange.Change =
      switch order.change {
      case .enable: .enable
      case .disable: .disable
      case .threshold(let value): .threshold(value)
      }
    await update(
      ThrottlerChange(keyspace: order.keyspace, change), needing: 16, &report, progress, nil)
  }

  private typealias ReadBack =
    @Sendable (
      TopoTablet, VtctldConnection, ThrottlerCalls
    ) async throws -> (words: String?, isListed: Bool)

  /// `oldest`: the first release that understands it; older ones would say yes and do nothing.
  private func update(
    _ change: ThrottlerChange, needing oldest: Int, _ report: inout ActionReport,
    _ progress: Progress, _ readBack: ReadBack?
  ) async {
    guard let vtctld else {
      return report.endUnsent("no vtctld is named: --vtctld HOST:PORT", now())
    }
    let started = report
    do throws(VtctldFailure) {
      report = try await vtctld.withConnection { connection throws(VtctldFailure) in
        var report = started
        guard connection.keyspaces.contains(where: { $0.name == change.keyspace }) else {
          report.endUnsent("vtctld knows no keyspace \(change.keyspace)", now())
          return report
        }
        let tablets = try await connection.tablets(of: change.keyspace).filter {
          $0.address != nil && ($0.type == .primary || $0.type == .replica)
        }
        let version = await Self.version(of: tablets, connection)
        if let version, version.major < oldest {
          report.endUnsent(
            "the cluster runs \(version), which does not know this call; v\(oldest) and later do",
            now())
          return report
        }
        await send(change, connection, &report, progress)
        guard report.outcome == nil else { return report }
        if let readBack {
          await verify(tablets, connection, &report, progress, readBack)
        } else {
          await verify(change, &report)
        }
        return report
      }
    } catch {
      report.endUnsent("nothing was sent: \(error)", now())
    }
  }

  /// Sends it; a report that has ended says that it was not taken.
  private func send(
    _ change: ThrottlerChange, _ connection: VtctldConnection, _ report: inout ActionReport,
    _ progress: Progress
  ) async {
    let subject = "topo of \(change.keyspace)"
    let intent: AuditLog.Entry
    do throws(AuditLog.Unwritable) {
      intent = try audit.intend(
        report.action, server: "vtctld \(connection.server)", call: ThrottlerChange.method,
        body: change.json, at: now())
    } catch {
      return report.endUnsent("nothing was sent: \(error)", now())
    }
    report.sentAt = now()
    report.note(subject, .pending, "sent")
    await progress(report)
    do throws(VtctldFailure) {
      try await connection.update(change)
      conclude(intent, .done, "ok", &report)
      report.note(subject, .done, "taken")
    } catch {
      let isLost = error.kind == .lost
      conclude(intent, isLost ? .unknown : .failed, error.description, &report)
      report.note(subject, isLost ? .unknown : .failed, error.description)
      // Nobody can say: what the tablets have is looked at all the same.
      if !isLost { report.end(.failed, error.description, at: now()) }
    }
    await progress(report)
  }

  private func verify(
    _ tablets: [TopoTablet], _ connection: VtctldConnection, _ report: inout ActionReport,
    _ progress: Progress, _ readBack: ReadBack
  ) async {
    let fetcher = HTTPFetcher(deadline: .seconds(2))
    let calls = ThrottlerCalls(fetcher)
    for tablet in tablets { report.note(tablet.alias.short, .pending, "reading it back") }
    var waiting = tablets
    let end = now() + Self.readBackTime
    while !waiting.isEmpty, now() < end, !Task.isCancelled {
      for tablet in waiting {
        do {
          let (words, isListed) = try await readBack(tablet, connection, calls)
          guard words != nil || !isListed else { continue }
          report.note(
            tablet.alias.short, words == nil ? .unknown : .done,
            words ?? "it does not list its rules")
          waiting.removeAll { $0 == tablet }
        } catch {
          report.note(tablet.alias.short, .pending, "\(error)")
        }
      }
      await progress(report)
      if !waiting.isEmpty { try? await Task.sleep(for: Self.readBackPause) }
    }
    await fetcher.shutdown()
    conclude(&report)
  }

  /// A keyspace's configuration is read back from topo; tablets follow by themselves.
  private func verify(_ change: ThrottlerChange, _ report: inout ActionReport) async {
    let subject = "topo of \(change.keyspace)"
    let keyspaces = try? await vtctld?.keyspaces()
    let config = keyspaces?.first { $0.name == change.keyspace }?.throttler
    let isThere =
      switch change.change {
      case .enable: config?.isEnabled == true
      case .disable: config?.isEnabled == false
      case .threshold(let value): config?.threshold == value
      case .rule: true
      }
    if isThere {
      report.note(subject, .done, "read back; a threshold acts on the tablets within 10 s")
    } else {
      report.note(subject, .unknown, "topo does not show it")
    }
    conclude(&report)
  }

  private static func version(
    of tablets: [TopoTablet], _ connection: VtctldConnection
  ) async -> VitessVersion? {
    for tablet in tablets.prefix(3) {
      if let version = try? await connection.version(of: tablet.alias) { return version }
    }
    return nil
  }

  /// Whether a tablet has taken a rule: over HTTP up to v20, through vtctld from v21 on.
  private static func readBack(
    _ order: ThrottleOrder, _ tablet: TopoTablet, _ connection: VtctldConnection,
    _ calls: ThrottlerCalls, at now: Instant
  ) async throws -> (words: String?, isListed: Bool) {
    if let address = tablet.address, let apps = try await calls.apps(at: address) {
      return (order.seen(in: apps, at: now), true)
    }
    do throws(VtctldFailure) {
      let apps = try await connection.throttlerApps(of: tablet.alias).throttled
      return (order.seen(in: apps, at: now), true)
    } catch  where error.kind == .unimplemented {
      return (nil, false)
    }
  }

  // MARK: Reparents

  private func reparent(
    _ order: ReparentOrder, _ report: inout ActionReport, _ progress: Progress
  ) async {
    guard let vtctld else {
      guard let vtadmin else {
        return report.endUnsent("no vtctld is named: --vtctld HOST:PORT", now())
      }
      await reparent(order, through: vtadmin, &report, progress)
      return await conclude(order, &report, progress)
    }
    let call = order.call
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
            report.action, server: "vtctld \(connection.server)", call: call.method,
            body: call.json, at: now())
        } catch {
          report.endUnsent("nothing was sent: \(error)", now())
          return report
        }
        report.sentAt = now()
        report.note("vtctld \(connection.server)", .pending, "sent, waiting for its answer")
        await progress(report)
        await send(call, connection, intent, &report)
        return report
      }
    } catch {
      report.endUnsent("nothing was sent: \(error)", now())
    }
    await conclude(order, &report, progress)
  }

  private func conclude(
    _ order: ReparentOrder, _ report: inout ActionReport, _ progress: Progress
  ) async {
    if report.outcome == .unknown { await observe(order, &report, progress) }
    if report.outcome == .failed { await noteState(order.shard, &report) }
  }

  private func reparent(
    _ order: ReparentOrder, through vtadmin: VtadminClient, _ report: inout ActionReport,
    _ progress: Progress
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
      let outcome: ActionReport.Outcome =
        switch error.kind {
        case .notSent: .notSent
        case .refused: .failed
        case .lost: .unknown
        }
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
    _ call: ReparentCall, _ connection: VtctldConnection, _ intent: AuditLog.Entry,
    _ report: inout ActionReport
  ) async {
    let server = "vtctld \(connection.server)"
    do throws(VtctldFailure) {
      let answer = try await connection.reparent(call)
      let promoted = answer.promoted.map(\.short) ?? "?"
      conclude(intent, .done, "promoted \(promoted)", &report)
      report.events = answer.events
      report.note(server, .done, "promoted \(promoted)")
      report.end(.done, "\(promoted) is primary of \(call.shard)", at: now())
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
  private func observe(
    _ order: ReparentOrder, _ report: inout ActionReport, _ progress: Progress
  ) async {
    let said = report.verdict
    report.verdict = "\(said); looking at topo"
    await progress(report)
    let end = now() + observation
    var last = "topo could not be read"
    while now() < end, !Task.isCancelled {
      do {
        if let primary = try await readPrimary(order.shard), primary != order.expectedPrimary {
          report.note("topo", .done, "names \(primary.short)")
          report.end(
            .unknown,
            "\(said); topo now names \(primary.short) as primary: it was carried out, by this "
              + "request or another", at: now())
          return
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

  // MARK: Ends

  /// Writes what came of a request; a log that cannot take it is no reason to say that it failed.
  private func conclude(
    _ intent: AuditLog.Entry, _ outcome: ActionReport.Outcome, _ answer: String,
    _ report: inout ActionReport
  ) {
    do throws(AuditLog.Unwritable) {
      try audit.conclude(intent, outcome, answer, at: now())
    } catch {
      report.note("audit log", .failed, "\(error): the result is not in it")
    }
  }

  /// Sums the parts up.
  private func conclude(_ report: inout ActionReport) {
    for part in report.parts where part.state == .pending {
      report.note(part.subject, .pending, "not seen within \(Self.readBackTime.inTenths)")
    }
    let parts = report.parts.filter { $0.subject != "audit log" }
    let done = parts.count { $0.state == .done }
    if report.sentAt == nil {
      report.end(.notSent, parts.first?.words ?? "nothing was sent", at: now())
    } else if done == parts.count {
      report.end(.done, "seen at all \(done)", at: now())
    } else if parts.allSatisfy({ $0.state == .failed }) {
      report.end(.failed, parts.first?.words ?? "", at: now())
    } else if parts.contains(where: { $0.state == .unknown }), done == 0 {
      report.end(.unknown, "whether it was carried out is not known", at: now())
    } else {
      report.end(.partial, "seen at \(done) of \(parts.count)", at: now())
    }
  }
}

extension ActionReport {
  fileprivate mutating func endUnsent(_ words: String, _ now: Instant) {
    end(.notSent, words, at: now)
  }
}

extension ReparentOrder {
  package var call: ReparentCall {
    ReparentCall(
      kind: kind == .planned ? .planned : .emergency, shard: shard, newPrimary: newPrimary,
      expectedPrimary: expectedPrimary, waitReplicasTimeout: waitReplicasTimeout)
  }
}

extension ThrottleOrder {
  /// What a tablet's list shows of the order; nil when it is not there yet.
  fileprivate func seen(in apps: [ThrottledApp], at now: Instant) -> String? {
    let rule = apps.first { $0.name == app && $0.expiresAt > now }
    switch change {
    case .release: return rule == nil ? "released" : nil
    case .throttle(let duration, let ratio, let isExempt):
      guard let rule, rule.isExempt == isExempt,
        isExempt || abs(rule.ratio - ratio) < 0.001,
        (rule.expiresAt - now) > duration - .seconds(30)
      else { return nil }
      return isExempt
        ? "exempt, \((rule.expiresAt - now).inWords) left"
        : "ratio \(rule.ratio.inHundredths), \((rule.expiresAt - now).inWords) left"
    }
  }
}

extension ThrottleOrder {
  /// What is sent, in words of the wire: a line a request.
  package func request(at now: Instant) -> String {
    switch scope {
    case .tablets(let tablets):
      tablets.map { "POST http://\($0.address)\(path)" }.joined(separator: "\n")
    case .keyspace(let keyspace):
      "\(ThrottlerChange.method) \(change(of: keyspace, at: now).json)"
    }
  }

  fileprivate var path: String {
    switch change {
    case .throttle(let duration, let ratio, _):
      ThrottlerCalls.path(throttling: app, for: duration, ratio: ratio)
    case .release: ThrottlerCalls.path(releasing: app)
    }
  }

  fileprivate func change(of keyspace: String, at now: Instant) -> ThrottlerChange {
    let rule: ThrottledApp =
      switch change {
      case .throttle(let duration, let ratio, let isExempt):
        ThrottledApp(name: app, expiresAt: now + duration, ratio: ratio, isExempt: isExempt)
      // A past expiry releases it in every release that takes rules.
      case .release: ThrottledApp(name: app, expiresAt: now - .seconds(1), ratio: 0)
      }
    return ThrottlerChange(keyspace: keyspace, .rule(rule))
  }
}
