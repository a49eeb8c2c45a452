internal import Buffering
package import Terms

/// Something that a drill does to the cluster: one vocabulary for scenario files, the lab's flags
/// and its control pages.
package enum DrillCommand: Sendable {
  case reparent(Reparent.Request)
  case externalReparent(ShardName, TabletAlias)
  case fault(LabCluster.Fault)
  /// vtctld ends, and with it what it was doing, and starts again.
  case restartVtctld
  /// A vtgate ends and starts again, with other flags where some are given.
  case restartVtgate(Int, BufferFlagChanges)
  /// A tablet ends and starts again, with these flags and no others.
  case restartTablet(TabletAlias, TabletFlags)
  /// The clients that have ended begin again.
  case startClients
  /// The scenario's steps are sent; only where there is a scenario.
  case start
  case createMoveTables(
    Workflow.ID, tables: Set<String>, from: String, copy: Duration, catchUp: Duration)
  case moveTables(
    Set<String>, from: String, to: String, workflow: String, catchUp: Duration, timeout: Duration)
  case reshard(
    Workflow.ID, from: [String], to: [String], catchUp: Duration, timeout: Duration)
  case cancelSwitch(from: String)
  case completeMoveTables(Workflow.ID)
  case catchUp(Workflow.ID, Duration)
  case throttlerConfig(keyspace: String, LabCluster.ThrottlerUpdate)
  /// How a server's port behaves; needs real ports.
  case manner(LabCluster.Party, Manner)

  package enum Manner: Sendable, Equatable {
    case normal
    case slow(Duration)
    case garbage
    case silent
    case closed
  }

  /// Each command with its parameters and what it does, as help prints them.
  package static let vocabulary: [(usage: String, meaning: String)] = [
    (
      "planned-reparent shard=KS/SHARD [new-primary=ALIAS] [avoid-primary=ALIAS] [wait=15s]",
      "PlannedReparentShard"
    ),
    ("emergency-reparent shard=KS/SHARD [new-primary=ALIAS] [wait=15s]", "EmergencyReparentShard"),
    ("external-reparent shard=KS/SHARD new-primary=ALIAS", "a reparent that Vitess did not do"),
    (
      "replica tablet=ALIAS speed=0.5|normal",
      "slow a replica: seconds of writes it applies a second"
    ),
    ("sql-thread tablet=ALIAS running=true|false", "stop or start a replica's SQL thread"),
    ("heartbeats shard=KS/SHARD writing=true|false", "stop or start the primary's heartbeats"),
    ("mysql tablet=ALIAS running=true|false", "kill a tablet's mysqld, or start it again"),
    ("process server=NAME state=running|dead|hung", "kill, hang or resume a vttablet or vtgate"),
    (
      "restart server=NAME [FLAG=VALUE]",
      "restart a vttablet or vtgate: its counters begin at 0; a vtgate takes other values of the"
        + " buffer's flags by their own names, like enable_buffer=1 buffer_size=4, and a vttablet those"
        + " of its heartbeats and up to v17 its throttler, like throttle_threshold=5s"
    ),
    ("start", "send the scenario's steps, the first one now"),
    ("start-clients", "let the clients that have ended begin again"),
    (
      "cell name=CELL lost=true|false",
      "lose a cell: its vtgates, vttablets, mysqlds and its part of topo; or bring it back"
    ),
    ("network one=NAME other=NAME split=true|false", "cut two servers off from each other"),
    ("clock server=NAME skew=5s", "set a host's clock ahead, or back with -5s"),
    ("transaction shard=KS/SHARD open=5s", "leave a transaction open on the primary"),
    (
      "manner server=NAME is=normal|slow|garbage|silent|closed [delay=2s]",
      "how a server answers its pages"
    ),
    (
      "create-move-tables from=KS to=KS tables=t1,t2 [workflow=move] [copy=0s] [catch-up=600ms]",
      "MoveTables create: the tables are copied, and the target follows"
    ),
    (
      "move-tables from=KS to=KS tables=t1,t2 [workflow=move] [catch-up=1s] [timeout=30s]",
      "MoveTables switchtraffic, or reversetraffic; a workflow is created where there is none"
    ), ("cancel-move-tables from=KS", "give a cutover up, also of a Reshard"),
    (
      "reshard keyspace=KS from=0 to=-80,80- [workflow=reshard] [catch-up=1s] [timeout=30s]",
      "Reshard switchtraffic, or reversetraffic; a workflow is created where there is none"
    ),
    ("complete-move-tables to=KS [workflow=move]", "MoveTables complete"),
    (
      "catch-up to=KS takes=8s [workflow=move]",
      "how long switches of a workflow wait for the last writes"
    ),
    (
      "throttler keyspace=KS [enable=true|false] [threshold=SECONDS] [throttle-app=NAME]"
        + " [unthrottle-app=NAME] [ratio=1] [duration=1h]", "UpdateThrottlerConfig"
    ),
  ]

  package static var names: [String] {
    vocabulary.map { entry in String(entry.usage.prefix { $0 != " " }) }
  }

  /// Reads a command of words: its name, and its parameters as `name=value`.
  package init(words: [String], at now: Instant) throws(Refusal) {
    var parameters: [String: String] = [:]
    for word in words.dropFirst() {
      guard let equals = word.firstIndex(of: "=") else {
        throw Refusal("\(word) is no parameter: those are written name=value")
      }
      parameters[String(word[..<equals])] = String(word[word.index(after: equals)...])
    }
    try self.init(words.first ?? "", parameters, at: now)
  }

  /// Reads a command; an unknown parameter is refused.
  package init(
    _ name: String, _ parameters: [String: String], at now: Instant
  ) throws(Refusal) {
    var given = DrillParameters(name, parameters)
    self = try Self.read(name, &given, now)
    try given.allUsed()
  }

  private static func read(
    _ name: String, _ given: inout DrillParameters, _ now: Instant
  ) throws(Refusal) -> DrillCommand {
    switch name {
    case "planned-reparent", "emergency-reparent":
      var request = Reparent.Request(
        name == "planned-reparent" ? .planned : .emergency, try given.shard("shard"))
      request.newPrimary = try given.aliasIfAny("new-primary")
      request.waitReplicasTimeout = try given.durationIfAny("wait") ?? .seconds(15)
      if request.kind == .planned {
        request.avoidPrimary = try given.aliasIfAny("avoid-primary")
      }
      return .reparent(request)
    case "external-reparent":
      return .externalReparent(try given.shard("shard"), try given.alias("new-primary"))
    case "replica":
      let alias = try given.alias("tablet")
      let text = try given.text("speed")
      guard text != "normal" else { return .fault(.replicaSpeed(alias, nil)) }
      guard let speed = Double(text), (0...1000).contains(speed) else {
        throw given.wrong("speed", text, "a number from 0 to 1000, or normal")
      }
      return .fault(.replicaSpeed(alias, speed))
    case "sql-thread":
      return .fault(
        .sqlThread(try given.alias("tablet"), isRunning: try given.bool("running")))
    case "heartbeats":
      return .fault(.heartbeats(try given.shard("shard"), isWriting: try given.bool("writing")))
    case "mysql":
      return .fault(.mysql(try given.alias("tablet"), isRunning: try given.bool("running")))
    case "process":
      let states: [String: Tablet.Process] = ["running": .running, "dead": .dead, "hung": .hung]
      let text = try given.text("state")
      guard let state = states[text] else {
        throw given.wrong("state", text, "running, dead or hung")
      }
      return .fault(try process(try given.party("server"), state))
    case "restart":
      switch try given.party("server") {
      case .vtgate(let index): return .restartVtgate(index, try given.bufferFlags())
      case .tablet(let alias): return .restartTablet(alias, try given.tabletFlags())
      case .vtctld: return .restartVtctld
      }
    case "start": return .start
    case "start-clients": return .startClients
    case "network":
      return .fault(
        .split(
          try given.party("one"), try given.party("other"), isSplit: try given.bool("split")))
    case "cell":
      return .fault(.cell(try given.text("name"), isLost: try given.bool("lost")))
    case "clock":
      return .fault(.clock(try given.party("server"), try given.duration("skew")))
    case "transaction":
      return .fault(.openTransaction(try given.shard("shard"), try given.duration("open")))
    case "manner": return .manner(try given.party("server"), try manner(&given))
    case "create-move-tables":
      return .createMoveTables(
        try given.workflow(), tables: try given.names("tables"), from: try given.text("from"),
        copy: try given.durationIfAny("copy") ?? .zero,
        catchUp: try given.durationIfAny("catch-up") ?? .milliseconds(600))
    case "move-tables":
      let id = try given.workflow()
      return .moveTables(
        try given.names("tables"), from: try given.text("from"), to: id.keyspace,
        workflow: id.name, catchUp: try given.durationIfAny("catch-up") ?? .seconds(1),
        timeout: try given.durationIfAny("timeout") ?? .seconds(30))
    case "reshard":
      return .reshard(
        Workflow.ID(
          keyspace: try given.text("keyspace"),
          name: given.textIfAny("workflow") ?? LabCluster.drillReshard),
        from: try given.list("from"), to: try given.list("to"),
        catchUp: try given.durationIfAny("catch-up") ?? .seconds(1),
        timeout: try given.durationIfAny("timeout") ?? .seconds(30))
    case "cancel-move-tables": return .cancelSwitch(from: try given.text("from"))
    case "complete-move-tables": return .completeMoveTables(try given.workflow())
    case "catch-up": return .catchUp(try given.workflow(), try given.duration("takes"))
    case "throttler": return try throttler(&given, now)
    default:
      let known = names.joined(separator: ", ")
      throw Refusal("no command is called \"\(name)\": there are \(known)")
    }
  }

  private static func process(
    _ party: LabCluster.Party, _ state: Tablet.Process
  ) throws(Refusal) -> LabCluster.Fault {
    switch party {
    case .tablet(let alias): return .tablet(alias, state)
    case .vtgate(let index): return .vtgate(index, state)
    case .vtctld: throw Refusal("vtctld is not a process that can be killed here")
    }
  }

  private static func manner(_ given: inout DrillParameters) throws(Refusal) -> Manner {
    let text = try given.text("is")
    switch text {
    case "normal": return .normal
    case "slow": return .slow(try given.durationIfAny("delay") ?? .seconds(2))
    case "garbage": return .garbage
    case "silent": return .silent
    case "closed": return .closed
    default: throw given.wrong("is", text, "normal, slow, garbage, silent or closed")
    }
  }

  private static func throttler(
    _ given: inout DrillParameters, _ now: Instant
  ) throws(Refusal) -> DrillCommand {
    let keyspace = try given.text("keyspace")
    var update = LabCluster.ThrottlerUpdate()
    if let enable = try given.boolIfAny("enable") {
      update.enable = enable
      update.disable = !enable
    }
    if let threshold = try given.numberIfAny("threshold") { update.threshold = threshold }
    let ratio = try given.numberIfAny("ratio") ?? 1
    let duration = try given.durationIfAny("duration") ?? .seconds(3600)
    if let app = given.textIfAny("throttle-app") {
      update.app = (app, ThrottlerRule(expiresAt: now + duration, ratio: ratio))
    } else if let app = given.textIfAny("unthrottle-app") {
      update.app = (app, nil)
    }
    return .throttlerConfig(keyspace: keyspace, update)
  }
}

extension LabCluster {
  /// Runs a command; returns a reparent's operation, whose outcome comes later.
  @discardableResult
  package mutating func perform(_ command: DrillCommand) throws(Refusal) -> Int? {
    switch command {
    case .reparent(let request): return reparent(request)
    case .externalReparent(let shard, let alias): try externalReparent(shard, to: alias)
    case .fault(let fault): try inject(fault)
    case .restartTablet(let alias, let flags): try restart(alias, with: flags)
    case .restartVtgate(let index, let changes): try restart(vtgate: index, with: changes)
    case .restartVtctld: dropOperations()
    case .startClients: startClients()
    case .createMoveTables(let id, let tables, let source, let copy, let catchUp):
      try createMoveTables(id, of: tables, from: source, copy: copy, catchUp: catchUp)
    case .moveTables(let tables, let source, let target, let name, let catchUp, let timeout):
      try moveTables(
        tables, from: source, to: target, named: name, catchUp: catchUp, timeout: timeout)
    case .reshard(let id, let sources, let targets, let catchUp, let timeout):
      try reshard(id, from: sources, to: targets, catchUp: catchUp, timeout: timeout)
    case .cancelSwitch(let keyspace): try cancelSwitch(from: keyspace)
    case .completeMoveTables(let id): try complete(id)
    case .catchUp(let id, let duration): try setCatchUp(id, duration)
    case .throttlerConfig(let keyspace, let update):
      try updateThrottlerConfig(keyspace, update)
    case .manner, .start: break
    }
    return nil
  }

  private mutating func restart(_ alias: TabletAlias, with flags: TabletFlags) throws(Refusal) {
    if let refusal = flags.refusal(by: configuration.release) {
      throw Refusal("\(alias) was not restarted: \(refusal)")
    }
    try inject(.tablet(alias, .dead))
    tablets[alias]?.flags = flags
    try inject(.tablet(alias, .running))
  }

  /// A vtgate that would refuse its flags is left as it is.
  private mutating func restart(
    vtgate index: Int, with changes: BufferFlagChanges
  ) throws(Refusal) {
    guard vtgates.indices.contains(index) else { throw Refusal("no vtgate-\(index + 1)") }
    let flags = vtgates[index].buffer.configuration.with(changes)
    if let refusal = flags.refusal(by: configuration.release) {
      throw Refusal("vtgate-\(index + 1) would not start: \(refusal)")
    }
    try inject(.vtgate(index, .dead))
    vtgates[index].buffer = RequestBuffer(flags.asTaken(by: configuration.release))
    try inject(.vtgate(index, .running))
  }
}
