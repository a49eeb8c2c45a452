package import Actions
package import FleetModel
internal import VitessClient
internal import VtctldClient

/// What one look at a tablet shows of an order.
private enum Sight: Sendable {
  case seen(String)
  /// Not yet, and why if that is known.
  case notYet(String)
  /// It will never show.
  case cannotTell(String)
}

extension Operator {
  /// How long an order is waited for to appear where it belongs: tablets follow topo well within a
  /// second, with a threshold within ten.
  private static let readBackTime = Duration.seconds(12)
  private static let readBackPause = Duration.milliseconds(250)

  // MARK: Rules in tablets' memory

  func send(
    _ order: ThrottleOrder, to tablets: [ThrottleOrder.Tablet], _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let fetcher = HTTPFetcher(deadline: .seconds(5))
    let calls = ThrottlerCalls(fetcher)
    for tablet in tablets { report.note(tablet.label, .pending, "not sent yet") }
    for tablet in tablets {
      if Task.isCancelled {
        report.note(tablet.label, .failed, "not sent: given up")
      } else {
        await send(order, to: tablet, calls, &report)
      }
      await progress(report)
    }
    let sent = tablets.filter { tablet in
      report.parts.contains {
        $0.subject == tablet.label && ($0.state == .pending || $0.state == .unknown)
      }
    }
    let lost = Set(report.parts.filter { $0.state == .unknown }.map(\.subject))
    let addresses = Dictionary(
      sent.map { ($0.label, $0.address) }, uniquingKeysWith: { first, _ in first })
    let now = now
    await readBack(sent.map(\.label), &report, progress) { subject in
      guard let address = addresses[subject] else { return .cannotTell("no address") }
      do throws(ScrapeFailure) {
        guard let apps = try await calls.apps(at: address) else {
          return lost.contains(subject)
            ? .cannotTell("no answer came, and this release cannot list its rules")
            : .seen("taken; this release cannot list its rules")
        }
        return order.seen(in: apps, at: now()).map { .seen($0) } ?? .notYet("not listed yet")
      } catch {
        return .notYet(error.description)
      }
    }
    await fetcher.shutdown()
    sumUp(&report)
  }

  private func send(
    _ order: ThrottleOrder, to tablet: ThrottleOrder.Tablet, _ calls: ThrottlerCalls,
    _ report: inout ActionReport
  ) async {
    if case .throttle(_, let ratio, _) = order.change, ratio < 1 {
      // v10 to v13 would deny every check, and cannot be told from the list they do not have.
      do throws(ScrapeFailure) {
        guard try await calls.apps(at: tablet.address) != nil else {
          report.note(
            tablet.label, .failed,
            "not sent: this release takes no ratio (to v13), or no rules over HTTP (v22 and later)")
          return
        }
      } catch {
        // Whether it can be reached at all, sending will tell.
      }
    }
    let intent: AuditLog.Entry
    do throws(AuditLog.Unwritable) {
      intent = try audit.intend(
        report.action, server: "vttablet \(tablet.label) \(tablet.address)",
        call: "POST \(order.path)", body: nil, at: now())
    } catch {
      report.note(tablet.label, .failed, "not sent: \(error)")
      return
    }
    let start = now()
    do throws(CallFailure) {
      try await calls.send(order.path, to: tablet.address)
      report.sentAt = report.sentAt ?? start
      conclude(intent, .done, "200", &report)
      report.note(tablet.label, .pending, "sent, reading it back")
    } catch {
      if error.kind != .notSent { report.sentAt = report.sentAt ?? start }
      conclude(intent, ActionReport.Outcome(error.kind), error.description, &report)
      report.note(tablet.label, error.kind == .lost ? .unknown : .failed, error.description)
    }
  }

  // MARK: Rules and settings in topo

  func update(
    _ keyspace: String, _ order: ThrottleOrder, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let now = now
    await update(
      order.change(of: keyspace, at: now()), needing: 18, &report, progress
    ) { tablet, connection, calls in
      if let address = tablet.address, let apps = try? await calls.apps(at: address) {
        return order.seen(in: apps, at: now()).map { .seen($0) } ?? .notYet("not listed yet")
      }
      return await Self.ask(tablet, connection) { status in
        order.seen(in: status.throttled, at: now()).map { .seen($0) } ?? .notYet("not listed yet")
      }
    }
  }

  func update(
    _ order: ThrottlerOrder, _ report: inout ActionReport, _ progress: @escaping Progress
  ) async {
    let change: ThrottlerChange.Change =
      switch order.change {
      case .enable: .enable
      case .disable: .disable
      case .threshold(let value): .threshold(value)
      }
    await update(
      ThrottlerChange(keyspace: order.keyspace, change), needing: 16, &report, progress
    ) { tablet, connection, calls in
      if let address = tablet.address, let settings = try? await calls.settings(at: address) {
        return order.seen(isEnabled: settings.isEnabled, threshold: settings.threshold)
      }
      return await Self.ask(tablet, connection) { status in
        order.seen(isEnabled: status.isEnabled, threshold: status.threshold)
      }
    }
  }

  /// Asks a tablet through vtctld: v21 and later.
  private static func ask(
    _ tablet: TopoTablet, _ connection: VtctldConnection,
    _ judge: (VtctldConnection.ThrottlerStatus) -> Sight
  ) async -> Sight {
    do throws(VtctldFailure) {
      return judge(try await connection.throttlerStatus(of: tablet.alias))
    } catch {
      return error.kind == .unimplemented
        ? .cannotTell("it can be asked neither over HTTP nor through vtctld")
        : .notYet(error.description)
    }
  }

  private typealias Look =
    @Sendable (TopoTablet, VtctldConnection, ThrottlerCalls) async -> Sight

  /// `oldest`: the first release that understands it; older ones would say yes and do nothing.
  private func update(
    _ change: ThrottlerChange, needing oldest: Int, _ report: inout ActionReport,
    _ progress: @escaping Progress, _ look: @escaping Look
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
          $0.address != nil && [.primary, .replica, .rdonly].contains($0.type)
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
        await verify(change, tablets, connection, &report, progress, look)
        return report
      }
    } catch {
      report.endUnsent("nothing was sent: \(error)", now())
    }
  }

  /// Sends it; a report that has ended says that it was not taken.
  private func send(
    _ change: ThrottlerChange, _ connection: VtctldConnection, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let subject = "topo of \(change.keyspace)"
    let intent: AuditLog.Entry
    do throws(AuditLog.Unwritable) {
      intent = try audit.intend(
        report.action, server: "vtctld \(connection.server)", call: ThrottlerChange.call,
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
      report.note(subject, .pending, "taken, reading it back")
    } catch {
      let isLost = error.kind == .lost
      conclude(intent, isLost ? .unknown : .failed, error.description, &report)
      report.note(subject, isLost ? .unknown : .failed, error.description)
      // Nobody can say: what is there now is looked at all the same.
      if !isLost { report.end(.failed, error.description, at: now()) }
    }
    await progress(report)
  }

  private func verify(
    _ change: ThrottlerChange, _ tablets: [TopoTablet], _ connection: VtctldConnection,
    _ report: inout ActionReport, _ progress: @escaping Progress, _ look: @escaping Look
  ) async {
    let topo = "topo of \(change.keyspace)"
    for tablet in tablets { report.note(tablet.alias.short, .pending, "reading it back") }
    let fetcher = HTTPFetcher(deadline: .seconds(2))
    let calls = ThrottlerCalls(fetcher)
    let bySubject = Dictionary(
      tablets.map { ($0.alias.short, $0) }, uniquingKeysWith: { first, _ in first })
    let (vtctld, now) = (vtctld, now)
    await readBack([topo] + bySubject.keys.sorted(), &report, progress) { subject in
      if let tablet = bySubject[subject] { return await look(tablet, connection, calls) }
      do throws(VtctldFailure) {
        let keyspaces = try await vtctld?.keyspaces() ?? []
        let config = keyspaces.first { $0.name == change.keyspace }?.throttler
        return change.isIn(config, at: now()) ? .seen("has it") : .notYet("it is not in topo")
      } catch {
        return .notYet(error.description)
      }
    }
    await fetcher.shutdown()
    sumUp(&report)
  }

  private static func version(
    of tablets: [TopoTablet], _ connection: VtctldConnection
  ) async -> VitessVersion? {
    for tablet in tablets.prefix(3) {
      if let version = try? await connection.version(of: tablet.alias) { return version }
    }
    return nil
  }

  // MARK: Reading back

  /// Looks until all is seen or the time is over.
  private func readBack(
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

  private func sumUp(_ report: inout ActionReport) {
    let parts = report.parts.filter { $0.subject != AuditLog.subject }
    let done = parts.count { $0.state == .done }
    let failure = parts.first { $0.state == .failed }?.words
    if report.sentAt == nil {
      report.end(.notSent, failure ?? "nothing was sent", at: now())
    } else if done == parts.count {
      report.end(
        .done, done == 1 ? "seen at \(parts[0].subject)" : "seen at all \(done)", at: now())
    } else if parts.allSatisfy({ $0.state == .failed }) {
      report.end(.failed, failure ?? "", at: now())
    } else if done == 0, parts.contains(where: { $0.state == .unknown }) {
      report.end(.unknown, "whether it was carried out is not known", at: now())
    } else {
      report.end(
        .partial, "seen at \(done) of \(parts.count)" + (failure.map { "; \($0)" } ?? ""),
        at: now())
    }
  }
}

extension ActionReport.Outcome {
  init(_ kind: CallFailure.Kind) {
    switch kind {
    case .notSent: self = .notSent
    case .refused: self = .failed
    case .lost: self = .unknown
    }
  }
}

extension ThrottlerChange {
  /// Whether a keyspace's configuration shows it.
  fileprivate func isIn(_ config: TopoKeyspace.ThrottlerConfig?, at now: Instant) -> Bool {
    switch change {
    case .enable: return config?.isEnabled == true
    case .disable: return config?.isEnabled == false
    case .threshold(let value): return config?.threshold == value
    case .rule(let rule):
      let found = config?.throttledApps.first { $0.name == rule.name && $0.expiresAt > now }
      return (found != nil) == (rule.expiresAt > now)
    }
  }
}

extension ThrottlerOrder {
  /// What a tablet's settings show of the order.
  fileprivate func seen(isEnabled: Bool?, threshold: Double?) -> Sight {
    switch change {
    case .enable where isEnabled == true: .seen("on")
    case .disable where isEnabled == false: .seen("off")
    case .threshold(let value) where threshold == value: .seen("threshold \(value.inHundredths)")
    case .threshold:
      .notYet("threshold \(threshold.map(\.inHundredths) ?? "not known")")
    case .enable, .disable:
      .notYet(isEnabled == nil ? "it does not say" : isEnabled == true ? "on" : "off")
    }
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
      "\(ThrottlerChange.call) \(change(of: keyspace, at: now).json)"
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
