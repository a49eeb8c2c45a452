internal import Actions
internal import FleetModel
internal import Terms
internal import VitessClient
internal import VtctldClient
internal import Wording

extension ActionRunner {
  // MARK: Rules and settings in topo

  func update(
    _ keyspace: String, _ order: AppRuleOrder, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let now = now
    await update(order.change(of: keyspace, at: now()), order, &report, progress) {
      tablet, connection, desk in
      if let address = tablet.address, let apps = try? await desk.calls.apps(at: address) {
        return order.seen(in: apps, isEnabled: tablet.isThrottlerEnabled, at: now())
      }
      return await Self.ask(tablet.alias, connection) { status in
        order.seen(in: status.throttled, isEnabled: status.isEnabled, at: now())
      }
    }
  }

  func update(
    _ order: ThrottlerConfigOrder, _ report: inout ActionReport, _ progress: @escaping Progress
  ) async {
    let change: ThrottlerChange.Change =
      switch order.change {
      case .enable: .enable
      case .disable: .disable
      case .threshold(let value): .threshold(value)
      case .metric(let query, let threshold, let checks):
        .query(query ?? "", threshold: threshold, checks: checks)
      case .checks(let scope): .checks(scope)
      }
    await update(ThrottlerChange(keyspace: order.keyspace, change), nil, &report, progress) {
      tablet, connection, desk in
      if let address = tablet.address, let settings = try? await desk.calls.settings(at: address) {
        return order.seen(in: settings)
      }
      return await Self.ask(tablet.alias, connection) { status in
        order.seen(
          in: .init(
            isEnabled: status.isEnabled, threshold: status.threshold, query: status.customQuery,
            isLag: status.customQuery.isEmpty))
      }
    }
  }

  /// Asks a tablet through vtctld: v21 and later.
  private static func ask(
    _ tablet: TabletAlias, _ connection: VtctldConnection,
    _ judge: (VtctldConnection.ThrottlerStatus) -> Sight
  ) async -> Sight {
    do throws(CallFailure) {
      return judge(try await connection.throttlerStatus(of: tablet))
    } catch {
      return error.kind == .unimplemented
        ? .cannotTell(.cannotBeAsked) : .notYet(.failed(error))
    }
  }

  private typealias Look =
    @Sendable (SurveyedTablet, VtctldConnection, TabletDesk) async -> Sight

  /// `order`: the rule that is changed, if any.
  private func update(
    _ change: ThrottlerChange, _ order: AppRuleOrder?, _ report: inout ActionReport,
    _ progress: @escaping Progress, _ look: @escaping Look
  ) async {
    guard let vtctld else {
      return report.endUnsent(.notSent(.noVtctldNamed), now())
    }
    let started = report
    let fetcher = HTTPFetcher(deadline: .seconds(3), http)
    let desk = TabletDesk(ThrottlerCalls(fetcher), TabletInquiry(fetcher))
    do throws(CallFailure) {
      report = try await vtctld.withConnection { connection throws(CallFailure) in
        var report = started
        guard let keyspace = connection.keyspaces.first(where: { $0.name == change.keyspace })
        else {
          report.endUnsent(.notSent(.noKeyspace(change.keyspace)), now())
          return report
        }
        let survey = await KeyspaceSurvey(
          of: change.keyspace, try await connection.tablets(of: change.keyspace), connection, desk)
        if let objection = survey.objection(to: change) {
          report.endUnsent(.notSent(objection), now())
          return report
        }
        if let order, order.change == .release,
          !order.isIn(keyspace.throttler?.throttledApps ?? [], at: now()),
          await !survey.holds(order, connection, desk, at: now())
        {
          report.endUnsent(
            .noRuleInKeyspace(
              app: order.app, keyspace: change.keyspace, tablets: survey.tablets.count), now())
          return report
        }
        await send(change, connection, &report, progress)
        guard report.outcome == nil else { return report }
        await verify(change, order, survey, connection, desk, &report, progress, look)
        return report
      }
    } catch {
      report.endUnsent(.notReached(error), now())
    }
    await fetcher.shutdown()
  }

  /// Sends it; the report has ended if it was not accepted.
  private func send(
    _ change: ThrottlerChange, _ connection: VtctldConnection, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let subject = ActionReport.Subject.topo(keyspace: change.keyspace)
    let intent: AuditLog.Entry
    do throws(AuditLog.Unwritable) {
      intent = try audit.intend(
        report.action, server: "vtctld \(connection.server)", call: ThrottlerChange.call,
        body: change.json, at: now())
    } catch {
      return report.endUnsent(.notLogged(reason: error.description), now())
    }
    report.sentAt = now()
    report.note(subject, .pending, .sent)
    await progress(report)
    do throws(CallFailure) {
      try await connection.update(change)
      conclude(intent, .done, "ok", &report)
      report.note(subject, .pending, .readingBack)
    } catch {
      conclude(intent, error.outcome, Wording().words(error), &report)
      report.note(subject, error.state, .failed(error))
      // If nobody can say, what is there now is checked nevertheless.
      if error.kind != .lost { report.end(error.outcome, .refused(error, topo: nil), at: now()) }
    }
    await progress(report)
  }

  private func verify(
    _ change: ThrottlerChange, _ order: AppRuleOrder?, _ survey: KeyspaceSurvey,
    _ connection: VtctldConnection, _ desk: TabletDesk, _ report: inout ActionReport,
    _ progress: @escaping Progress, _ look: @escaping Look
  ) async {
    let topo = ActionReport.Subject.topo(keyspace: change.keyspace)
    // If no tablet reports it, topo is all there is to check.
    let tablets = change.isReportedByTablets ? survey.tablets : []
    let bySubject = Dictionary(
      tablets.map { (ActionReport.Subject.tablet($0.alias.short), $0) },
      uniquingKeysWith: { first, _ in first })
    let subjects = tablets.map { ActionReport.Subject.tablet($0.alias.short) }
    for subject in subjects { report.note(subject, .pending, .readingBack) }
    let (vtctld, now) = (vtctld, now)
    await readBack([topo] + subjects, &report, progress) { subject in
      if let tablet = bySubject[subject] { return await look(tablet, connection, desk) }
      do throws(CallFailure) {
        let keyspaces = try await vtctld?.keyspaces() ?? []
        let config = keyspaces.first { $0.name == change.keyspace }?.throttler
        return change.isIn(config, at: now())
          ? .seen(.inTopo(tabletsSayWhich: change.isReportedByTablets)) : .notYet(.notInTopo)
      } catch {
        return .notYet(.failed(error))
      }
    }
    sumUp(order, &report)
  }
}

extension TopoKeyspace.ThrottlerConfig {
  fileprivate var checks: DefaultMetric.Scope { checkAsCheckSelf ? .itself : .shard }
}

extension ThrottlerChange {
  /// Whether tablets report having it.
  fileprivate var isReportedByTablets: Bool { if case .checks = change { false } else { true } }

  /// Whether a keyspace's configuration shows it.
  fileprivate func isIn(_ config: TopoKeyspace.ThrottlerConfig?, at now: Instant) -> Bool {
    switch change {
    case .enable: return config?.isEnabled == true
    case .disable: return config?.isEnabled == false
    case .threshold(let value): return config?.threshold == value
    case .query(let query, let threshold, let checks):
      return config?.customQuery == query && config?.threshold == threshold
        && checks.map { $0 == config?.checks } ?? true
    case .checks(let scope): return config?.checks == scope
    case .rule(let rule):
      let found = config?.throttledApps.first { $0.name == rule.name && $0.expiresAt > now }
      return (found != nil) == (rule.expiresAt > now)
    }
  }
}

extension AppRuleOrder {
  /// What is sent to vtctld, as on the wire.
  func request(to keyspace: String, at now: Instant) -> String {
    "\(ThrottlerChange.call) \(change(of: keyspace, at: now).json)"
  }

  fileprivate func change(of keyspace: String, at now: Instant) -> ThrottlerChange {
    let rule: ThrottledApp =
      switch change {
      case .throttle(let duration, let ratio, let isExempt):
        ThrottledApp(name: app, expiresAt: now + duration, ratio: ratio, isExempt: isExempt)
      // An expiry in the past releases it in every release that accepts rules.
      case .release: ThrottledApp(name: app, expiresAt: now - .seconds(1), ratio: 0)
      }
    return ThrottlerChange(keyspace: keyspace, .rule(rule))
  }
}
