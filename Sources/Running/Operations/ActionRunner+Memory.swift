package import Actions
internal import FleetModel
package import Terms
internal import VitessClient
internal import Wording

extension ActionRunner {
  // MARK: Rules in tablets' memory

  func send(
    _ order: AppRuleOrder, to tablets: [AppRuleOrder.Tablet], _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let fetcher = HTTPFetcher(deadline: .seconds(5), http)
    let desk = TabletDesk(ThrottlerCalls(fetcher), TabletInquiry(fetcher))
    for tablet in tablets { report.note(tablet.subject, .pending, .waitingItsTurn) }
    /// The tablets that were sent something, with what is known about them.
    var sent: [ActionReport.Subject: (address: Address, profile: TabletProfile)] = [:]
    for tablet in tablets {
      if Task.isCancelled {
        report.note(tablet.subject, .failed, .brokenOff)
      } else if let profile = await send(order, to: tablet, desk, &report) {
        sent[tablet.subject] = (tablet.address, profile)
      }
      await progress(report)
    }
    let (now, targets) = (now, sent)
    let waiting = tablets.map(\.subject).filter { targets[$0] != nil }
    await readBack(waiting, &report, progress) { subject in
      guard let (address, profile) = targets[subject] else { return .cannotTell(.cannotBeAsked) }
      return await desk.look(for: order, at: address, profile, now())
    }
    await fetcher.shutdown()
    sumUp(order, &report)
  }

  /// Sends it to one tablet, if it is the intended one; nil when there is nothing to read back.
  private func send(
    _ order: AppRuleOrder, to tablet: AppRuleOrder.Tablet, _ desk: TabletDesk,
    _ report: inout ActionReport
  ) async -> TabletProfile? {
    let profile: TabletProfile
    do throws(ScrapeFailure) {
      // An address may have passed to another tablet since it was learnt.
      profile = try await desk.inquiry.profile(at: tablet.address)
      if let objection = tablet.objection(toAnswering: profile.alias, of: profile.shard)
        ?? order.objection(toMemoryOf: profile.release)
      {
        report.note(tablet.subject, .failed, .notSent(objection))
        return nil
      }
      if order.change == .release, let rules = try await desk.calls.apps(at: tablet.address),
        !order.isIn(rules, at: now())
      {
        report.note(tablet.subject, .done, .noRuleToRelease)
        return nil
      }
    } catch {
      report.note(tablet.subject, .failed, .notAsked(error))
      return nil
    }
    let intent: AuditLog.Entry
    do throws(AuditLog.Unwritable) {
      intent = try audit.intend(
        report.action, server: "vttablet \(profile.name(tablet)) \(tablet.address)",
        call: "POST \(order.path)", body: nil, at: now())
    } catch {
      report.note(tablet.subject, .failed, .notLogged(reason: error.description))
      return nil
    }
    let start = now()
    do throws(CallFailure) {
      try await desk.calls.send(order.path, to: tablet.address)
      report.sentAt = report.sentAt ?? start
      conclude(intent, .done, "200", &report)
      report.note(tablet.subject, .pending, .readingBack)
    } catch {
      if error.kind != .unreachable { report.sentAt = report.sentAt ?? start }
      conclude(intent, error.outcome, Wording().words(error), &report)
      report.note(tablet.subject, error.state, .failed(error))
      if error.kind != .lost { return nil }
    }
    return profile
  }
}

extension AppRuleOrder.Tablet {
  fileprivate var subject: ActionReport.Subject { .tablet(label) }
}

extension TabletProfile {
  /// What the tablet calls itself, or else what it was called.
  fileprivate func name(_ tablet: AppRuleOrder.Tablet) -> String { alias?.short ?? tablet.label }
}

extension AppRuleOrder {
  /// Why a tablet of this release can take no rule in its memory; nil when it can.
  fileprivate func objection(toMemoryOf release: Release) -> Objection? {
    if release.takesRulesOverHTTP == false { return .releaseTakesNoRules(release) }
    // v10 to v13 would deny every check.
    if case .throttle(_, let ratio, _) = change, ratio < 1, release.hasRatios != true {
      return .releaseTakesNoRatio(release)
    }
    return nil
  }

  fileprivate var path: String {
    switch change {
    case .throttle(let duration, let ratio, _):
      ThrottlerCalls.path(throttling: app, for: duration, ratio: ratio)
    case .release: ThrottlerCalls.path(releasing: app)
    }
  }

  /// What is sent, as on the wire: one line per request.
  package func request(at now: Instant) -> String {
    switch scope {
    case .tablets(let tablets):
      tablets.map { "POST \($0.address.url(path))" }.joined(separator: "\n")
    case .keyspace(let keyspace): request(to: keyspace, at: now)
    }
  }
}
