internal import Actions
internal import FleetModel
internal import Terms
internal import VitessClient
internal import Wording

/// What one look at a tablet shows of an order.
enum Sight: Sendable {
  case seen(String)
  /// Not yet, and why if that is known.
  case notYet(String)
  /// It will never show.
  case cannotTell(String)
}

/// What a tablet is asked over HTTP.
struct TabletDesk: Sendable {
  let calls: ThrottlerCalls
  let inquiry: TabletInquiry

  init(_ calls: ThrottlerCalls, _ inquiry: TabletInquiry) {
    self.calls = calls
    self.inquiry = inquiry
  }

  /// What a tablet shows of a rule, by its list or, to v13, by whether it denies the app.
  func look(
    for order: AppRuleOrder, at address: Address, _ profile: TabletProfile, _ now: Instant
  ) async -> Sight {
    do throws(ScrapeFailure) {
      if let apps = try await calls.apps(at: address) {
        return order.seen(in: apps, isEnabled: profile.isThrottlerEnabled, at: now)
      }
      guard let isDenied = try await calls.denies(order.app, at: address) else {
        return .cannotTell("this release cannot list its rules, and its check does not tell")
      }
      return switch (order.change, isDenied) {
      case (.release, false): .seen("no longer denied")
      case (.throttle, true): .seen("denied")
      // Lag does not show through a denial, and a denial not through a throttler that is off.
      default: .notYet(isDenied ? "still denied" : "not denied")
      }
    } catch {
      return .notYet(Wording().words(error))
    }
  }
}

extension ActionRunner {
  /// How long an order is waited for to appear where it belongs: tablets follow topo well within a
  /// second, with a threshold within ten.
  private static let readBackTime = Duration.seconds(12)
  private static let readBackPause = Duration.milliseconds(250)

  static let nothingToRelease = "had no rule to release"

  /// Looks until all is seen or the time is over.
  func readBack(
    _ subjects: [String], _ report: inout ActionReport, _ progress: @escaping Progress,
    _ look: @escaping @Sendable (String) async -> Sight
  ) async {
    var waiting = subjects
    let end = now() + Self.readBackTime
    while !waiting.isEmpty, now() < end, !Task.isCancelled {
      let sights = await withTaskGroup(of: (String, Sight).self) { group in
        for subject in waiting { group.addTask { (subject, await look(subject)) } }
        return await group.reduce(into: []) { $0.append($1) }
      }
      for (subject, sight) in sights {
        switch sight {
        case .seen(let words):
          report.note(subject, .done, words)
          waiting.removeAll { $0 == subject }
        case .cannotTell(let words):
          report.note(subject, .unknown, words)
          waiting.removeAll { $0 == subject }
        case .notYet(let words):
          let known = report.parts.first { $0.subject == subject }?.state
          report.note(subject, known == .unknown ? .unknown : .pending, words)
        }
      }
      await progress(report)
      if !waiting.isEmpty { try? await Task.sleep(for: Self.readBackPause) }
    }
    for part in report.parts where waiting.contains(part.subject) {
      report.note(
        part.subject, part.state, "not seen within \(Self.readBackTime.inTenths): \(part.words)")
    }
  }

  func sumUp(_ order: AppRuleOrder?, _ report: inout ActionReport) {
    let parts = report.parts.filter { $0.subject != AuditLog.subject }
    let done = parts.filter { $0.state == .done }
    let failure = parts.first { $0.state == .failed }?.words
    if report.sentAt == nil, let order, done.count == parts.count {
      report.endUnsent(order.nothingToRelease(at: parts.map(\.subject)), now())
    } else if report.sentAt == nil {
      report.end(.notSent, failure ?? "nothing was sent", at: now())
    } else if done.count == parts.count {
      let place = parts.count == 1 ? "\(parts[0].subject)" : "all \(parts.count.grouped)"
      let off = parts.count { $0.words.hasSuffix(Self.offNote) }
      report.end(
        .done,
        "seen at \(place)"
          + (off > 0 ? "; the throttler is off at \(off): a rule denies nothing there" : ""),
        at: now())
    } else if parts.allSatisfy({ $0.state == .failed }) {
      report.end(.failed, failure ?? "", at: now())
    } else if done.isEmpty, parts.contains(where: { $0.state == .unknown }) {
      report.end(.unknown, "whether it was carried out is not known", at: now())
    } else {
      report.end(
        .partial,
        "seen at \(done.count.grouped) of \(parts.count.grouped)"
          + (failure.map { "; \($0)" } ?? ""),
        at: now())
    }
  }

  fileprivate static let offNote = "; its throttler is off"
}

extension AppRuleOrder {
  /// Why a release was not sent.
  func nothingToRelease(at subjects: [String]) -> String {
    let place =
      subjects.count == 1 ? subjects[0] : "any of \(subjects.joined(separator: ", "))"
    return "nothing was sent: \(app) has no rule at \(place)"
  }

  func isIn(_ rules: [ThrottledApp], at now: Instant) -> Bool {
    rules.contains { $0.name == app && $0.expiresAt > now }
  }

  /// What a tablet's list shows of the order.
  ///
  /// `isEnabled`: of the tablet's throttler; nil where it does not say.
  func seen(in apps: [ThrottledApp], isEnabled: Bool?, at now: Instant) -> Sight {
    let rule = apps.first { $0.name == app && $0.expiresAt > now }
    switch change {
    case .release: return rule == nil ? .seen("released") : .notYet("still listed")
    case .throttle(let duration, let ratio, let isExempt):
      guard let rule, rule.isExempt == isExempt,
        isExempt || abs(rule.ratio - ratio) < 0.001,
        (rule.expiresAt - now) > duration - .seconds(30)
      else { return .notYet("not listed yet") }
      let left = "\((rule.expiresAt - now).inTenths) left"
      return .seen(
        (isExempt ? "exempt, \(left)" : "ratio \(rule.ratio.inHundredths), \(left)")
          + (isEnabled == false ? ActionRunner.offNote : ""))
    }
  }
}

extension ThrottlerConfigOrder {
  /// What a tablet's settings show of the order.
  func seen(in settings: ThrottlerCalls.Settings) -> Sight {
    let threshold = "threshold \(settings.threshold?.inHundredths ?? "not known")"
    switch change {
    case .enable where settings.isEnabled == true: return .seen("on")
    case .disable where settings.isEnabled == false: return .seen("off")
    case .enable, .disable:
      return .notYet(
        settings.isEnabled == nil ? "it does not say" : settings.isEnabled == true ? "on" : "off")
    case .threshold(let value):
      return settings.threshold == value ? .seen(threshold) : .notYet(threshold)
    case .metric(let query, let value, _):
      let isSet = query.map { $0 == settings.query } ?? settings.isLag
      let words = (settings.isLag ? "lag, " : "a custom query, ") + threshold
      return isSet && settings.threshold == value ? .seen(words) : .notYet(words)
    case .checks: return .cannotTell("no release tells it")
    }
  }
}
