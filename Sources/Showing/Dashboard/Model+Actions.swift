internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

extension Model {
  /// How long actions stay allowed.
  static let permissionTime = Duration.seconds(15 * 60)
  /// How often the lookups behind a reparent's preflight are repeated.
  private static let lookupPause = Duration.seconds(3)
  /// How many of the run's reports are kept.
  private static let reportCapacity = 100

  var areActionsAllowed: Bool { allowedUntil.map { $0 > present } ?? false }

  /// Why nothing can be done to the tablets of the selected shard; nil where it has some.
  var noTabletsToActOn: String? {
    guard gatesInHand == .proxies else { return nil }
    return Wording().noTabletsBehindProxies(selection.map { cutoverMeans(of: $0) } ?? .commands)
  }

  /// The key, where it leads to an order that may be sent: there is one proxy to send it to, and
  /// nothing in this run forbids it.
  func cutoverMeans(of shard: ShardName) -> CutoverMeans {
    guard shard == selection, holds(.proxy), !isPaused, settings.hasProxyToken,
      settings.permission.canBeGiven,
      live.shard(shard).vtgates.count(where: { $0.route != nil }) == 1,
      let key = Command.row(.cutover)?.keyText(.ascii)
    else { return .commands }
    return .key(key)
  }

  /// What stands in front of the selected shard; of all where none is selected.
  var gatesInHand: Gates { selection.map { live.shard($0).gates } ?? live.gates }

  // MARK: Opening

  /// Opens what leads to an action, asking for permission first if there is none.
  mutating func want(_ wanted: Wanted) -> [Effect] {
    guard !isPaused else {
      tell("the screen is stopped: space goes on live, then actions are possible")
      return []
    }
    if wanted.isAboutTablets, let reason = noTabletsToActOn {
      tell(reason)
      return []
    }
    switch settings.permission {
    case .never(let reason):
      tell("this run only reads: \(reason)")
      return []
    case .onRequest, .fromStart:
      guard areActionsAllowed else {
        layers.push(PermissionDialog(wanted))
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
    guard wanted != .nothing else { return [] }
    guard let selection else {
      tell("no shard is selected")
      return []
    }
    let shard = live.shard(selection)
    switch wanted {
    case .nothing: break
    case .throttle(let filling):
      let release = askable(shard) == nil ? Release.unknown : nil
      layers.push(
        AppRuleForm(
          selection,
          ThrottleScopes(
            selection, in: live, hasVtctld: settings.hasVtctld, release: release),
          throttled: shard.throttledNames, release: release, filling))
      return askable(shard).map { [.lookUpThrottler(selection, $0)] } ?? []
    case .rules:
      let list = RuleList(selection, in: live, hasVtctld: settings.hasVtctld, at: present)
      if list.rules.isEmpty {
        tell("no app is throttled on \(selection), as far as its tablets say")
      } else {
        layers.push(list)
      }
    case .throttler:
      guard settings.hasVtctld else {
        tell("a keyspace's throttler is set through vtctld: start with --vtctld HOST:PORT")
        return []
      }
      let isTold = shard.tablets.contains { $0.isFresh && $0.throttler != nil }
      layers.push(
        ThrottlerConfigForm(
          selection, live.topo[selection.keyspace]?.throttler,
          metric: isTold ? shard.lag.metric : nil,
          release: askable(shard) == nil ? Release.unknown : nil))
      return askable(shard).map { [.lookUpThrottler(selection, $0)] } ?? []
    case .cutover: openCutover(shard)
    case .reparent, .rehearsal:
      guard settings.canReparent else {
        tell("a reparent goes through vtctld: start with --vtctld HOST:PORT, or --vtadmin")
        return []
      }
      layers.push(ReparentForm(shard, of: settings.cluster, isRehearsal: wanted == .rehearsal))
      return lookUp()
    }
    return []
  }

  /// Opens the form for the next step of a cutover.
  private mutating func openCutover(_ shard: Shard) {
    guard settings.hasProxyToken else {
      return tell(Wording().words(Objection.noProxyToken))
    }
    guard let form = CutoverForm(shard, of: settings.cluster) else {
      return tell("no proxy says where \(shard.name) leads")
    }
    layers.push(form)
  }

  /// Shows a message that stays until it is dismissed.
  private mutating func tell(_ words: String) { layers.push(NoticeDialog(words)) }

  /// The tablet whose release and throttler to ask vtctld for; nil when there is none.
  private func askable(_ shard: Shard) -> TabletAlias? {
    settings.hasVtctld ? shard.primary : nil
  }

  // MARK: Doing

  /// Carries out the action that an operator has confirmed in the topmost form.
  mutating func send(_ action: Action) -> [Effect] {
    layers.pop()
    // The permission may have run out while the form was filled in.
    guard areActionsAllowed else {
      tell("actions are no longer allowed: A allows them again; nothing was sent")
      return []
    }
    let id = (reports.keys.max() ?? 0) + 1
    let report = ActionReport(action, at: present)
    reports[id] = report
    if reports.count > Self.reportCapacity, let oldest = reports.keys.min() {
      reports[oldest] = nil
    }
    layers.push(ProgressDialog(id))
    switch action {
    case .reparent(let order): arm(order.shard)
    case .cutover(let order) where !order.step.endsHold: arm(order.route)
    case .throttle, .configure, .cutover: break
    }
    note(.actionBegun(Wording().sentence(action)), of: action.shard)
    return [.act(id, report)]
  }

  /// Keeps an open form up to date.
  mutating func refreshForm() {
    let (live, settings) = (live, settings)
    layers.change(AppRuleForm.self) { form in
      form.refresh(
        ThrottleScopes(
          form.shard, in: live, hasVtctld: settings.hasVtctld, release: form.release))
    }
    layers.change(CutoverForm.self) { form in form.refresh(live.shard(form.route)) }
  }

  /// Whether an action is a reparent that has been sent but not answered.
  func canBreakOff(_ id: Int) -> Bool {
    guard let report = reports[id], case .reparent = report.action else { return false }
    return report.sentAt != nil && report.outcome == nil
  }

  /// Shows the last action again.
  mutating func showLastAction() {
    if let last = reports.keys.max() {
      layers.push(ProgressDialog(last))
    } else {
      tell("nothing was done in this run")
    }
  }

  var hasRunningActions: Bool { reports.values.contains { $0.outcome == nil } }
  /// Shards with a failover in progress.
  var shardsFailingOver: [ShardName] {
    live.failovers.going.filter { !$0.phase.isOver }.map(\.shard)
  }

  /// Ends the program, but asks first while an action or a failover is running.
  mutating func leave() -> [Effect] {
    let isNeeded = otherClusters.contains { $0.isActing || !$0.shardsFailingOver.isEmpty }
    guard hasRunningActions || !shardsFailingOver.isEmpty || isNeeded else { return [.quit] }
    layers.push(LeaveDialog())
    return []
  }

  // MARK: Results

  /// `failure`: why the audit log cannot be written; nil when it can.
  mutating func takeAudit(_ failure: String?, _ wanted: Wanted) -> [Effect] {
    layers.remove(PermissionDialog.self)
    if let failure {
      tell("\(failure): no action is possible")
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
        outcome.severity, outcome: outcome.rawValue, action: Wording().sentence(report.action),
        verdict: report.verdict.map { Wording().words($0) } ?? ""), of: report.action.shard)
    goOn(from: report, id)
  }

  /// Opens the form that ends a hold over the news that it has begun, if that is what is looked at: a
  /// hold does not last long.
  private mutating func goOn(from report: ActionReport, _ id: Int) {
    guard case .cutover(let order) = report.action, !order.step.endsHold, report.outcome == .done,
      layers.top as? ProgressDialog == ProgressDialog(id)
    else { return }
    layers.replaceTop(with: CutoverForm(ending: order, of: settings.cluster))
  }

  mutating func take(_ release: Release, _ recentApps: [String]?, of shard: ShardName) {
    layers.change(AppRuleForm.self) { form in
      guard form.shard == shard else { return }
      form.release = release
      form.offer(recentApps)
    }
    layers.change(ThrottlerConfigForm.self) { if $0.shard == shard { $0.take(release) } }
  }

  mutating func take(_ facts: ReparentPreflight.Facts, of shard: ShardName) {
    layers.change(ReparentForm.self) { if $0.shard == shard { $0.take(facts) } }
  }

  // MARK: Reparents

  /// Nil while it is not known which tablet is primary.
  func preflight(_ form: ReparentForm) -> ReparentPreflight? {
    var facts = form.facts
    facts.isReparenting = reports.values.contains { report in
      guard report.outcome == nil, case .reparent(let order) = report.action else { return false }
      return order.shard == form.shard
    }
    return form.order.map { ReparentPreflight($0, live.shard(form.shard), facts, at: present) }
  }

  func preflight(_ form: CutoverForm) -> CutoverPreflight {
    let isActing = reports.values.contains { report in
      guard report.outcome == nil, case .cutover(let order) = report.action else { return false }
      return order.route == form.order.route
    }
    return CutoverPreflight(
      form.order, live.shard(form.order.route), isActing: isActing, at: present)
  }

  /// Repeats the lookups behind the open preflight when they are due.
  mutating func lookUpWhenDue() -> [Effect] {
    guard layers.last(ReparentForm.self) != nil, present - lookedUpAt >= Self.lookupPause else {
      return []
    }
    return lookUp()
  }

  private mutating func lookUp() -> [Effect] {
    guard let form = layers.last(ReparentForm.self) else { return [] }
    lookedUpAt = present
    return [.lookUp(form.shard, form.expectedPrimary, Array(live.vtgates.keys).sorted())]
  }
}
