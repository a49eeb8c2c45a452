internal import Lab
internal import LabProtobuf
internal import SwiftProtobuf
internal import Terms

/// One direction of a workflow: what VReplication has in the sidecar databases of one keyspace.
struct WorkflowStreams {
  let id: Workflow.ID
  let kind: Workflow.Kind
  let source: String
  let sourceShards: [String]
  let targetShards: [String]
  let tables: Set<String>
  /// Once writes are switched the streams that led there are stopped, and say FROZEN.
  let isFrozen: Bool
  let isCopying: Bool

  static func all(of workflow: Workflow, at now: Instant) -> [WorkflowStreams] {
    let forward = WorkflowStreams(
      id: workflow.id, kind: workflow.kind, source: workflow.source,
      sourceShards: workflow.sourceShards, targetShards: workflow.targetShards,
      tables: workflow.tables,
      isFrozen: workflow.areWritesSwitched, isCopying: workflow.isCopying(at: now))
    guard workflow.hasReverse else { return [forward] }
    let reverse = WorkflowStreams(
      id: workflow.reverseID, kind: workflow.kind, source: workflow.target,
      sourceShards: workflow.targetShards, targetShards: workflow.sourceShards,
      tables: workflow.tables,
      isFrozen: !workflow.areWritesSwitched, isCopying: false)
    return [forward, reverse]
  }

  /// What a stream into a shard takes: rows of single tables, or of all those that belong there.
  func rules(into shard: String) -> [Binlogdata_Rule] {
    if kind == .reshard {
      return [
        .with {
          $0.match = "/.*"
          $0.filter = shard
        }
      ]
    }
    return tables.sorted().map { table in
      .with {
        $0.match = table
        $0.filter = "select * from \(table)"
      }
    }
  }

  var state: String { isFrozen ? "Stopped" : isCopying ? "Copying" : "Running" }
}

extension LabCluster {
  /// The primaries of some shards of a keyspace, in the order of the shards.
  func primaries(of shards: [String], in keyspace: String) -> [Tablet] {
    shards.compactMap {
      topology.shards[ShardName(keyspace: keyspace, shard: $0)]?.primary
    }.compactMap { tablets[$0] }
  }

  /// The tables that clients of a keyspace use, and those that were moved into it.
  func tables(of keyspace: String) -> Set<String> {
    let used = configuration.traffic.filter { $0.shard.keyspace == keyspace }.map(\.table)
    let moved = allWorkflows.filter { $0.target == keyspace }.flatMap(\.tables)
    return Set(used + moved).subtracting(topology.keyspaces[keyspace]?.droppedTables ?? [])
  }
}

extension Vtctldata_Workflow {
  init(_ streams: WorkflowStreams, _ cluster: LabCluster) {
    self.init()
    name = streams.id.name
    source = .with {
      $0.keyspace = streams.source
      $0.shards = streams.sourceShards
    }
    target = .with {
      $0.keyspace = streams.id.keyspace
      $0.shards = streams.targetShards
    }
    workflowType = streams.kind.rawValue
    workflowSubType = "None"
    options = .init()
    for primary in cluster.primaries(of: streams.targetShards, in: streams.id.keyspace) {
      let record = cluster.topology.shards[primary.shard]
      shardStreams["\(primary.shard.shard)/\(primary.alias)"] = .with {
        $0.isPrimaryServing = record?.isPrimaryServing ?? false
        if let denied = record?.deniedTables, !denied.isEmpty {
          $0.tabletControls = [.init(denying: denied)]
        }
        $0.streams = streams.sourceShards.enumerated().map { index, from in
          .init(streams, index + 1, of: primary, from: from, cluster)
        }
      }
    }
  }
}

extension Vtctldata_Workflow.Stream {
  init(
    _ streams: WorkflowStreams, _ number: Int, of primary: Tablet, from shard: String,
    _ cluster: LabCluster
  ) {
    self.init()
    id = Int64(number)
    self.shard = primary.shard.shard
    tablet = .init(primary.alias)
    binlogSource = .with {
      $0.keyspace = streams.source
      $0.shard = shard
      $0.filter.rules = streams.rules(into: primary.shard.shard)
    }
    let source = cluster.topology.shards[ShardName(keyspace: streams.source, shard: shard)]?.primary
    position = source.map { cluster.position(of: $0) } ?? ""
    state = streams.state
    dbName = "vt_\(primary.shard.keyspace)"
    transactionTimestamp = .init(wholeSecondOf: cluster.now)
    timeUpdated = .init(wholeSecondOf: cluster.now)
    message = streams.isFrozen ? "FROZEN" : ""
    tags = [""]
    throttlerStatus = .with { $0.timeThrottled = .init() }
    tabletTypes = [.replica, .primary]
    cells = cluster.cells
  }
}

extension Vttime_Time {
  /// As MySQL's whole seconds.
  fileprivate init(wholeSecondOf instant: Instant) {
    self.init()
    seconds = instant.nanoseconds / 1_000_000_000
  }
}

extension Vtctldata_WorkflowStatusResponse {
  /// Either direction of a workflow; where traffic goes is the same of both.
  init(_ id: Workflow.ID, _ cluster: LabCluster) throws(Refusal) {
    let found = cluster.allWorkflows.flatMap { workflow in
      WorkflowStreams.all(of: workflow, at: cluster.now).map { (workflow, $0) }
    }.first { $0.1.id == id }
    guard let (workflow, streams) = found else { throw Refusal.noStreams(id) }
    self.init()
    trafficState = workflow.trafficState
    for (place, own) in Vtctldata_Workflow(streams, cluster).shardStreams {
      let shard = place.prefix { $0 != "/" }
      shardStreams["\(id.keyspace)/\(shard)"] = .with { response in
        response.streams = own.streams.map { .init($0) }
      }
    }
    guard streams.isCopying else { return }
    for table in streams.tables { tableCopyState[table] = .init() }
  }
}

extension Vtctldata_WorkflowStatusResponse.ShardStreamState {
  fileprivate init(_ stream: Vtctldata_Workflow.Stream) {
    self.init()
    id = Int32(stream.id)
    tablet = stream.tablet
    sourceShard = "\(stream.binlogSource.keyspace)/\(stream.binlogSource.shard)"
    position = stream.position
    status = stream.state
    // The lag is what real servers of v23 say at all times: they subtract seconds from nanoseconds.
    let stamp = Instant(secondsSinceEpoch: Double(stream.transactionTimestamp.seconds))
    info = "VStream Lag: -1s; ; Tx time: \(ansiC(stamp))."
  }
}

extension Topodata_Shard.TabletControl {
  init(denying tables: Set<String>) {
    self.init()
    tabletType = .primary
    deniedTables = tables.sorted()
  }
}

extension Vschema_RoutingRules {
  init(_ rules: RoutingRules) {
    self.init()
    self.rules = rules.tables.sorted { $0.key < $1.key }.map { name, table in
      .with {
        $0.fromTable = name
        $0.toTables = [table]
      }
    }
  }
}
