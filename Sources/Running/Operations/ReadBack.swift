internal import Actions
internal import FleetModel
internal import Terms
internal import VitessClient

/// What one look at a tablet shows about an order.
enum Sight: Sendable {
  case seen(ActionReport.Finding)
  case notYet(ActionReport.Finding)
  /// It will never be seen.
  case cannotTell(ActionReport.Finding)
}

/// The clients that ask a tablet over HTTP.
struct TabletDesk: Sendable {
  let calls: ThrottlerCalls
  let inquiry: TabletInquiry

  init(_ calls: ThrottlerCalls, _ inquiry: TabletInquiry) {
    self.calls = calls
    self.inquiry = inquiry
  }

  /// What a tablet shows of a rule: in its list or, up to v13, by whether it denies the app.
  func look(
    for order: AppRuleOrder, at address: Address, _ profile: TabletProfile, _ now: Instant
  ) async -> Sight {
    do throws(ScrapeFailure) {
      if let apps = try await calls.apps(at: address) {
        return order.seen(in: apps, isEnabled: profile.isThrottlerEnabled, at: now)
      }
      guard let isDenied = try await calls.denies(order.app, at: address) else {
        return .cannotTell(.listsNoRules)
      }
      return switch (order.change, isDenied) {
      case (.release, false): .seen(.denied(false))
      case (.throttle, true): .seen(.denied(true))
      // A denial hides the lag, and a throttler that is off hides a denial.
      default: .notYet(.denied(isDenied))
      }
    } catch {
      return .notYet(.cannotBeRead(error))
    }
  }
}

extension ActionRunner {
  /// How long to wait for an order to appear where it belongs: tablets follow topo well within a
  /// second, or within ten for a threshold.
  private static let readBackTime = Duration.seconds(12)
  private static let readBackPause = Duration.milliseconds(250)

  /// Looks until everything has been seen or the time is up.
  func readBack(
    _ subjects: [ActionReport.Subject], _ report: inout ActionReport,
    _ progress: @escaping Progress,
    _ look: @escaping @Sendable (ActionReport.Subject) async -> Sight
  ) async {
    var waiting = subjects
    let end = now() + Self.readBackTime
    while !waiting.isEmpty, now() < end, !Task.isCancelled {
      let sights = await withTaskGroup(of: (ActionReport.Subject, Sight).self) { group in
        for subject in waiting { group.addTask { (subject, await look(subject)) } }
        return await group.reduce(into: []) { $0.append($1) }
      }
      for (subject, sight) in sights {
        switch sight {
        case .seen(let finding):
          report.note(subject, .done, finding)
          waiting.removeAll { $0 == subject }
        case .cannotTell(let finding):
          report.note(subject, .unknown, finding)
          waiting.removeAll { $0 == subject }
        case .notYet(let finding):
          let known = report.parts.first { $0.subject == subject }?.state
          report.note(subject, known == .unknown ? .unknown : .pending, finding)
        }
      }
      await progress(report)
      if !waiting.isEmpty { try? await Task.sleep(for: Self.readBackPause) }
    }
    for part in report.parts where waiting.contains(part.subject) {
      report.note(
        part.subject, part.state, .notSeen(within: Self.readBackTime, last: part.finding))
    }
  }

  func sumUp(_ order: AppRuleOrder?, _ report: inout ActionReport) {
    let parts = report.parts.filter { $0.subject != .auditLog }
    let done = parts.filter { $0.state == .done }
    let failure = parts.first { $0.state == .failed }?.finding
    if report.sentAt == nil, let order, done.count == parts.count {
      report.endUnsent(.noRuleToRelease(app: order.app, at: parts.map(\.subject)), now())
    } else if report.sentAt == nil {
      report.endUnsent(.nowhere(failure), now())
    } else if done.count == parts.count, let first = parts.first {
      report.end(
        .done, .seen(at: first.subject, of: parts.count, off: parts.count(where: \.isOff)),
        at: now())
    } else if parts.allSatisfy({ $0.state == .failed }) {
      report.end(.failed, .nowhere(failure), at: now())
    } else if done.isEmpty, parts.contains(where: { $0.state == .unknown }) {
      report.end(.unknown, .notKnown, at: now())
    } else {
      report.end(
        .partial, .seenAtSome(done.count, of: parts.count, failure: failure), at: now())
    }
  }
}

extension ActionReport.Part {
  /// It has the rule, but its throttler is off.
  fileprivate var isOff: Bool {
    if case .listed(_, _, isThrottlerOff: true) = finding { true } else { false }
  }
}

extension AppRuleOrder {
  func isIn(_ rules: [ThrottledApp], at now: Instant) -> Bool {
    rules.contains { $0.name == app && $0.expiresAt > now }
  }

  /// What a tablet's list shows about the order.
  ///
  /// `isEnabled`: of the tablet's throttler; nil when it does not say.
  func seen(in apps: [ThrottledApp], isEnabled: Bool?, at now: Instant) -> Sight {
    let rule = apps.first { $0.name == app && $0.expiresAt > now }
    switch change {
    case .release: return rule == nil ? .seen(.released) : .notYet(.stillListed)
    case .throttle(let duration, let ratio, let isExempt):
      guard let rule, rule.isExempt == isExempt,
        isExempt || abs(rule.ratio - ratio) < 0.001,
        (rule.expiresAt - now) > duration - .seconds(30)
      else { return .notYet(.notListed) }
      return .seen(
        .listed(
          ratio: isExempt ? nil : rule.ratio, left: rule.expiresAt - now,
          isThrottlerOff: isEnabled == false))
    }
  }
}

extension ThrottlerConfigOrder {
  /// What a tablet's settings show about the order.
  func seen(in settings: ThrottlerCalls.Settings) -> Sight {
    switch change {
    case .enable where settings.isEnabled == true: return .seen(.throttler(isEnabled: true))
    case .disable where settings.isEnabled == false: return .seen(.throttler(isEnabled: false))
    case .enable, .disable: return .notYet(.throttler(isEnabled: settings.isEnabled))
    case .threshold(let value):
      let finding = ActionReport.Finding.threshold(settings.threshold, isLag: nil)
      return settings.threshold == value ? .seen(finding) : .notYet(finding)
    case .metric(let query, let value, _):
      let isSet = query.map { $0 == settings.query } ?? settings.isLag
      let finding = ActionReport.Finding.threshold(settings.threshold, isLag: settings.isLag)
      return isSet && settings.threshold == value ? .seen(finding) : .notYet(finding)
    case .checks: return .cannotTell(.checksNotTold)
    }
  }
}
