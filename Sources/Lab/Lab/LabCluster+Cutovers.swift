internal import Terms

// Cutovers in one word, as a drill asks for them.
extension LabCluster {
  /// The name of a drill's workflow unless it gives one.
  package static let drillWorkflow = "move"
  package static let drillReshard = "reshard"

  /// The cutover of a MoveTables, which is created if need be; back the same way it came.
  ///
  /// `catchUp`: how long the receiving side needs to apply the last writes; if longer than `timeout`,
  /// the cutover is abandoned.
  mutating func moveTables(
    _ tables: Set<String>, from source: String, to target: String, named name: String,
    catchUp: Duration, timeout: Duration
  ) throws(Refusal) {
    let back = Workflow.ID(keyspace: source, name: name)
    let isBackward = workflows[back].map { $0.source == target && $0.areWritesSwitched } ?? false
    let id = isBackward ? back : Workflow.ID(keyspace: target, name: name)
    if workflows[id] == nil { try createMoveTables(id, of: tables, from: source) }
    guard workflows[id]?.tables == tables, [source, target].contains(workflows[id]?.source) else {
      throw Refusal.alreadyExists(id)
    }
    try cutOver(id, isBackward ? .backward : .forward, catchUp: catchUp, timeout: timeout)
  }

  /// The cutover of a Reshard, which is created if need be; back the same way it came.
  mutating func reshard(
    _ id: Workflow.ID, from sources: [String], to targets: [String], catchUp: Duration,
    timeout: Duration
  ) throws(Refusal) {
    let isBackward = workflows[id]?.areWritesSwitched == true
    if workflows[id] == nil { try createReshard(id, from: sources, to: targets) }
    let (here, there) = workflows[id]?.writingShards ?? ([], [])
    guard here.map(\.shard) == sources, there.map(\.shard) == targets else {
      throw Refusal.alreadyExists(id)
    }
    try cutOver(id, isBackward ? .backward : .forward, catchUp: catchUp, timeout: timeout)
  }

  private mutating func cutOver(
    _ id: Workflow.ID, _ direction: Workflow.Direction, catchUp: Duration, timeout: Duration
  ) throws(Refusal) {
    _ = try idle(id)
    try setCatchUp(id, catchUp)
    var request = Workflow.SwitchRequest(id)
    request.direction = direction
    request.timeout = timeout
    _ = try switchTraffic(request)
  }

  /// Gives up the switch of writes away from a keyspace.
  mutating func cancelSwitch(from keyspace: String) throws(Refusal) {
    guard let workflow = allWorkflows.first(where: { $0.isSwitching && $0.writes.here == keyspace })
    else { throw Refusal("no cutover is going on in keyspace \(keyspace)") }
    cancelSwitch(of: workflow.id)
  }
}
