internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms

extension Model {
  /// How long actions stay allowed.
  static let permissionTime = Duration.seconds(15 * 60)
  /// How often what a reparent's preflight rests on is looked up anew.
  private static let lookupPause = Duration.seconds(3)
  /// Reports kept of the run.
  private static let reportCapacity = 100

  var areActionsAllowed: Bool { allowedUntil.map { $0 > present } ?? false }

  // MARK: Opening

  /// Opens what leads to an action, by way of the permission where there is none.
  mutating func want(_ wanted: Wanted) -> [Effect] {
    guard !isPaused else {
      dialog = .notice("the screen is stopped: space goes on live, then actions are possible")
      return []
    }
    switch settings.permission {
    case .never(let reason):
      dialog = .notice("this run only reads: \(reason)")
      return []
    case .onRequest, .fromStart:
      guard areActionsAllowed else {
        dialog = .allow(InputLine(), wanted, complaint: nil)
        return []
      }
      return open(wanted)
    }
  }

  /// Allows actions, or forbids them again.
  mutating func toggleActions() -> [Effect] {
    guard areActionsAllowed else { return want(.nothing) }
    allowedUntil = nil
    note(.actionsForbidden)
    return []
  }

  private mutating func open(_ wanted: Wanted) -> [Effect] {
    dialog = nil
    guard wanted != .nothing else { return [] }
    guard let selection else {
      dialog = .notice("no shard is selected")
      return []
    }
    let shard = live.shard(selection)
    switch wanted {
    case .nothing: break
    case .throttle:
      let release = askable(shard) == nil ? Release.unknown : nil
      dialog = .throttle(
        ThrottleForm(
          selection,
          ThrottleScopes(
            selection, in: live, hasVtctld: settings.hasVtctld, release: release),
          throttled: shard.throttledApps.map(\.name), release: release))
      return askable(shard).map { [.lookUpThrottler(selection, $0)] } ?? []
    case .rules:
      let list = RuleList(selection, in: live, hasVtctld: settings.hasVtctld, at: present)
      dialog =
        list.rules.isEmpty
        ? .notice("no app is throttled on \(selection), as far as its tablets say") : .rules(list)
    case .throttler:
      guard settings.hasVtctld else {
        dialog = .notice(
          "a keyspace's throttler is set through vtctld: start with --vtctld HOST:PORT")
        return []
      }
      let isTold = shard.tablets.contains { $0.isFresh && $0.throttler != nil }
      dialog = .throttler(
        ThrottlerForm(
          selection, live.topo[selection.keyspace]?.throttler,
          metric: isTold ? shard.lag.metric : nil,
          release: askable(shard) == nil ? Release.unknown : nil))
      return askable(shard).map { [.lookUpThrottler(selection, $0)] } ?? []
    case .reparent, .rehearsal:
      guard settings.canReparent else {
        dialog = .notice(
          "a reparent goes through vtctld: start with --vtctld HOST:PORT, or --vtadmin")
        return []
      }
      dialog = .reparent(ReparentForm(shard, isRehearsal: wanted == .rehearsal))
      return lookUp()
    }
    return []
  }

  /// The tablet whose release and throttler vtctld is asked for; nil when there is none to ask.
  private func askable(_ shard: Shard) -> TabletAlias? {
    settings.hasVtctld ? shard.primary : nil
  }

  // MARK: Keys

  mutating func pressInDialog(_ press: KeyPress) -> [Effect] {
    guard let dialog else { return [] }
    let isMeant = press.cameAlone && dialog.step == shownStep
    guard isMeant || dialog.isHarmless(press.key) else {
      say(
        showsWhole(dialog)
          ? "the key came together with others, or before the question was shown: press it again"
          : "the window is too small to show what would be done: make it larger")
      return []
    }
    return answer(dialog, press.key)
  }

  /// Control and C end the program from everywhere; what was begun in a form is dropped.
  mutating func interrupt() -> [Effect] { dialog == .leave ? [.quit] : leave() }

  private mutating func answer(_ question: Dialog, _ key: Key) -> [Effect] {
    switch question {
    case .allow(var line, let wanted, _): return allow(key, &line, wanted)
    case .throttle(var form):
      let answer = form.press(key)
      dialog = .throttle(form)
      return follow(answer)
    case .rules(var list):
      let answer = list.press(key)
      dialog = .rules(list)
      return follow(answer)
    case .throttler(var form):
      let answer = form.press(key)
      dialog = .throttler(form)
      return follow(answer)
    case .reparent(var form):
      let answer = form.press(key, preflight(form))
      dialog = .reparent(form)
      return follow(answer)
    case .progress(let id, asksToBreakOff: true):
      dialog = .progress(id)
      return key == .character("y") && reports[id]?.outcome == nil ? [.breakOff(id)] : []
    case .progress(let id, asksToBreakOff: false):
      switch key {
      case .escape: dialog = nil
      // One more enter than was needed must not hide what comes of it.
      case .enter where reports[id]?.outcome != nil: dialog = nil
      case .character("x") where canBreakOff(id): dialog = .progress(id, asksToBreakOff: true)
      default: break
      }
      return []
    case .leave:
      dialog = nil
      return key == .character("q") ? [.quit] : []
    case .notice:
      dialog = nil
      return []
    }
  }

  private mutating func allow(
    _ key: Key, _ line: inout InputLine, _ wanted: Wanted
  ) -> [Effect] {
    switch key {
    case .escape: dialog = nil
    case .enter where line.text == "yes": return [.probeAudit(wanted)]
    case .enter: dialog = .allow(line, wanted, complaint: "type yes, or Esc")
    default:
      _ = line.edit(key)
      dialog = .allow(line, wanted, complaint: nil)
    }
    return []
  }

  private mutating func follow(_ answer: Dialog.Answer) -> [Effect] {
    switch answer {
    case .stay: return []
    case .cancel:
      dialog = nil
      return []
    case .send(let action):
      // It may have run out while the form was filled in.
      guard areActionsAllowed else {
        dialog = .notice("actions are no longer allowed: A allows them again; nothing was sent")
        return []
      }
      let id = nextAction
      nextAction += 1
      let report = ActionReport(action, at: present)
      reports[id] = report
      if reports.count > Self.reportCapacity, let oldest = reports.keys.min() {
        reports[oldest] = nil
      }
      dialog = .progress(id)
      if case .reparent(let order) = action { arm(order.shard) }
      note(.actionBegun(action.sentence), of: action.shard)
      return [.act(id, report)]
    }
  }

  /// Keeps an open form true.
  mutating func refreshDialog() {
    guard case .throttle(var form) = dialog else { return }
    form.refresh(
      ThrottleScopes(
        form.shard, in: live, hasVtctld: settings.hasVtctld, release: form.release))
    dialog = .throttle(form)
  }

  /// A reparent that has been sent and not answered.
  func canBreakOff(_ id: Int) -> Bool {
    guard let report = reports[id], case .reparent = report.action else { return false }
    return report.sentAt != nil && report.outcome == nil
  }

  /// Shows the last action again.
  mutating func showLastAction() {
    dialog = reports.keys.max().map { .progress($0) } ?? .notice("nothing was done in this run")
  }

  var hasRunningActions: Bool { reports.values.contains { $0.outcome == nil } }
  /// Shards whose failover goes on.
  var shardsFailingOver: [ShardName] {
    live.failovers.going.filter { !$0.phase.isOver }.map(\.shard)
  }

  /// Ends the program; asks first while an action or a failover runs.
  mutating func leave() -> [Effect] {
    guard hasRunningActions || !shardsFailingOver.isEmpty else { return [.quit] }
    dialog = .leave
    return []
  }

  // MARK: What comes back

  /// `failure`: why the audit log cannot be written; nil when it can.
  mutating func takeAudit(_ failure: String?, _ wanted: Wanted) -> [Effect] {
    if let failure {
      dialog = .notice("\(failure): no action is possible")
      return []
    }
    allowedUntil = present + Self.permissionTime
    note(.actionsAllowed(for: Self.permissionTime))
    return open(wanted)
  }

  mutating func take(_ report: ActionReport, _ id: Int) {
    guard let before = reports[id] else { return }
    reports[id] = report
    guard let outcome = report.outcome, before.outcome == nil else { return }
    note(
      .actionEnded(
        outcome.severity, outcome: outcome.rawValue, action: report.action.sentence,
        verdict: report.verdict), of: report.action.shard)
  }

  mutating func take(_ release: Release, _ recentApps: [String]?, of shard: ShardName) {
    switch dialog {
    case .throttle(var form) where form.shard == shard:
      form.release = release
      form.offer(recentApps)
      dialog = .throttle(form)
    case .throttler(var form) where form.shard == shard:
      form.take(release)
      dialog = .throttler(form)
    default: break
    }
  }

  mutating func take(_ facts: Preflight.Facts, of shard: ShardName) {
    guard case .reparent(var form) = dialog, form.shard == shard else { return }
    form.take(facts)
    dialog = .reparent(form)
  }

  // MARK: Reparents

  /// Nil as long as nobody has told who is primary.
  func preflight(_ form: ReparentForm) -> Preflight? {
    var facts = form.facts
    facts.isReparenting = reports.values.contains { report in
      guard report.outcome == nil, case .reparent(let order) = report.action else { return false }
      return order.shard == form.shard
    }
    return form.order.map { Preflight($0, live.shard(form.shard), facts, at: present) }
  }

  /// Looks up anew what the open preflight rests on, now and then.
  mutating func lookUpWhenDue() -> [Effect] {
    guard case .reparent = dialog, present - lookedUpAt >= Self.lookupPause else { return [] }
    return lookUp()
  }

  private mutating func lookUp() -> [Effect] {
    guard case .reparent(let form) = dialog else { return [] }
    lookedUpAt = present
    return [.lookUp(form.shard, form.expectedPrimary, Array(live.vtgates.keys).sorted())]
  }
}
