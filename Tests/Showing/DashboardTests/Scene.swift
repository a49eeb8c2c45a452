import FleetModel
import TerminalKit
import Terms

@testable import Dashboard

/// A small fleet in the middle of things, built by messages as the session would send them.
struct Scene {
  static let start = Instant(secondsSinceEpoch: 1_795_000_000)
  static let shards = [
    ShardName(keyspace: "commerce", shard: "-80"), ShardName(keyspace: "commerce", shard: "80-"),
    ShardName(keyspace: "customer", shard: "0"), ShardName(keyspace: "customer", shard: "1"),
  ]
  static let vtgates = [Address(host: "gate1", port: 15001), Address(host: "gate2", port: 15001)]

  var model: Model
  var now = start
  /// Who decides whose value its tablets' checks look at.
  var checkAs = ThrottlerReading.CheckAs.release
  /// The lag of one shard is over its threshold.
  var isLagging = true
  private var readings: [VtgateReading]
  /// What tablets say of how far they serve, by uid; the others do not tell.
  var tabletsSay: [UInt32: TabletServerState] = [:]

  init(
    _ size: Size = Size(columns: 120, rows: 40), isLab: Bool = false, opensFailovers: Bool = false,
    permission: Permission = .never(because: "--read-only"), hasVtctld: Bool = false,
    hasProxyToken: Bool = false,
    rehearsal: Rehearsal? = nil, cluster: String? = nil, among clusters: [String] = [],
    ignored: [NamePattern] = []
  ) {
    var settings = Model.Settings(
      title: "prod-eu", interval: .seconds(1), isLab: isLab, opensFailovers: opensFailovers,
      permission: permission, hasVtctld: hasVtctld, canReparent: hasVtctld)
    settings.hasProxyToken = hasProxyToken
    settings.themes = ["default", "harbor", "daylight"]
    settings.rehearsal = rehearsal
    settings.ignored = ignored
    settings.cluster = cluster
    settings.clusters = clusters
    model = Model(settings: settings, size: size, now: Self.start)
    // Rows where a reader of a test expects them.
    model.sort = .name
    var reading = VtgateReading()
    reading.processStart = 1
    reading.bufferSize = 500
    var flags = BufferFlags(source: .commandLine)
    flags.isEnabled = true
    reading.flags = flags
    var tablets: [GatewayTablet] = []
    for (index, shard) in Self.shards.enumerated() {
      reading.buffers[shard] = BufferCounters()
      for number in 1...2 {
        tablets.append(
          GatewayTablet(
            alias: TabletAlias(cell: "zone1", uid: UInt32(100 * (index + 1) + number)),
            shard: shard,
            type: number == 1 ? .primary : .replica, isServing: true,
            primaryTermStart: number == 1 ? 5 : 0, replicationLag: 0,
            address: Address(host: "db\(index)\(number)", port: 15100)))
      }
    }
    reading.tablets = GatewayTablets(tablets)
    readings = [reading, reading]
  }

  mutating func send(_ messages: Message...) {
    for message in messages { _ = model.update(message) }
    showFrame()
  }

  /// Something that the cluster's feed tells.
  static func observed(_ news: Observation.News, at now: Instant = start) -> Message {
    .observed(Observation(of: "prod-eu", at: now, news))
  }

  mutating func showFrame() {
    _ = model.update(.moment(now))
    _ = model.update(.shown)
  }

  /// Presses keys one after another, each by itself and each followed by a frame.
  mutating func press(_ keys: Key...) -> [Effect] {
    keys.reduce(into: []) { effects, key in
      effects += model.update(.keys([KeyPress(key)], at: now))
      showFrame()
    }
  }

  /// What keys do that came together.
  mutating func burst(_ keys: [Key]) -> [Effect] {
    let effects = model.update(
      .keys(keys.map { KeyPress($0, cameAlone: false) }, at: now))
    showFrame()
    return effects
  }

  /// Lets time go by in which no server is heard of.
  mutating func wait(_ duration: Duration) {
    now = now + duration
    send(.moment(now))
  }

  /// Polls all servers, or of the vtgates only one.
  mutating func poll(only one: Int? = nil) {
    now = now + .seconds(1)
    for (index, address) in Self.vtgates.enumerated() where one == nil || one == index {
      send(
        Self.observed(
          .outcome(
            ScrapeOutcome(
              target: Target(.vtgate, address), at: now, took: .milliseconds(2),
              result: .gate(readings[index]))), at: now))
    }
    for tablet in readings[0].tablets?.all ?? [] {
      guard let address = tablet.address else { continue }
      var throttler = ThrottlerReading(source: .status)
      throttler.isEnabled = true
      throttler.checkAs = checkAs
      throttler.isOpen = tablet.isServing
      throttler.isLeader = tablet.type == .primary
      throttler.threshold = 5
      throttler.selfValue = tablet.isServing ? 0.01 * Double(tablet.alias.uid % 100) : nil
      throttler.shardValue =
        tablet.type == .primary ? (tablet.alias.uid == 301 && isLagging ? 7.25 : 0.2) : nil
      throttler.throttledApps =
        tablet.alias.uid == 201
        ? [ThrottledApp(name: "vreplication", expiresAt: Self.start + .seconds(7100), ratio: 0.25)]
        : []
      var reading = TabletReading(throttler: throttler)
      reading.shard = tablet.shard
      reading.serverState = tabletsSay[tablet.alias.uid]
      send(
        Self.observed(
          .outcome(
            ScrapeOutcome(
              target: Target(.vttablet, address), at: now, took: .zero, result: .member(reading))),
          at: now))
    }
    send(.tick(now))
  }

  mutating func change(_ shard: Int, _ body: (inout BufferCounters) -> Void) {
    for index in readings.indices {
      body(&readings[index].buffers[Self.shards[shard], default: BufferCounters()])
    }
  }

  mutating func losePrimary(_ shard: Int) {
    for index in readings.indices {
      readings[index].tablets = readings[index].tablets.map { tablets in
        GatewayTablets(
          tablets.all.map { tablet in
            guard tablet.shard == Self.shards[shard], tablet.type == .primary else { return tablet }
            var tablet = tablet
            tablet.isServing = false
            return tablet
          })
      }
    }
  }

  /// One shard buffering, one draining, one without a primary.
  static func busy(
    _ size: Size = Size(columns: 120, rows: 40), cluster: String? = nil,
    among clusters: [String] = []
  ) -> Scene {
    var scene = Scene(size, cluster: cluster, among: clusters)
    for _ in 0..<3 { scene.poll() }
    scene.change(1) {
      $0.starts = 1; $0.buffered = 156; $0.lastRequestsInFlightMax = 156
    }
    scene.change(2) {
      $0.starts = 1
      $0.stops[.newPrimarySeen] = 1
      $0.buffered = 404
      $0.evicted[.bufferFull] = 4
      $0.lastFailoverDuration = .milliseconds(3200)
      $0.lastRequestsInFlightMax = 400
    }
    scene.losePrimary(1)
    scene.losePrimary(3)
    scene.poll()
    scene.poll()
    return scene
  }

  /// A failover of one shard, open on the screen: gate1 has buffered, gate2 came too late.
  static func failover(
    _ size: Size, isOver: Bool, _ permission: Permission = .never(because: "--read-only")
  ) -> Scene {
    var scene = Scene(size, opensFailovers: true, permission: permission)
    for _ in 0..<3 { scene.poll() }
    scene.changeOne(0, 0) {
      $0.starts = 1; $0.buffered = 260; $0.lastRequestsInFlightMax = 260
    }
    scene.losePrimary(0)
    scene.poll()
    scene.changeOne(0, 0) {
      $0.buffered = 504; $0.evicted[.bufferFull] = 4; $0.lastRequestsInFlightMax = 500
    }
    scene.changeOne(0, 1) { $0.skipped[.lastFailoverTooRecent] = 17 }
    scene.poll()
    guard isOver else { return scene }
    scene.changeOne(0, 0) {
      $0.stops[.newPrimarySeen] = 1; $0.lastFailoverDuration = .milliseconds(2345)
    }
    scene.promote(0)
    scene.poll()
    scene.changeOne(0, 0) { $0.drained = 500 }
    for _ in 0..<5 { scene.poll() }
    return scene
  }

  /// Two failovers compared: one that lost requests, and one of another shard that lost none.
  static func comparison(_ size: Size) -> Scene {
    var scene = failover(size, isOver: true)
    scene.change(2) {
      $0.starts = 1; $0.buffered = 12_345; $0.lastRequestsInFlightMax = 480
    }
    scene.losePrimary(2)
    scene.poll()
    scene.change(2) {
      $0.stops[.newPrimarySeen] = 1; $0.drained = 12_345
      $0.lastFailoverDuration = .milliseconds(870)
    }
    scene.promote(2)
    for _ in 0..<6 { scene.poll() }
    _ = scene.press(
      .escape, .escape, .character("f"), .down, .character("c"), .up, .character("c"))
    return scene
  }

  /// Changes what one vtgate counts.
  mutating func changeOne(_ shard: Int, _ vtgate: Int, _ body: (inout BufferCounters) -> Void) {
    body(&readings[vtgate].buffers[Self.shards[shard], default: BufferCounters()])
  }

  /// Makes the shard's replica its primary.
  mutating func promote(_ shard: Int) {
    for index in readings.indices {
      readings[index].tablets = readings[index].tablets.map { tablets in
        GatewayTablets(
          tablets.all.map { tablet in
            guard tablet.shard == Self.shards[shard] else { return tablet }
            var tablet = tablet
            tablet.type = tablet.type == .primary ? .replica : .primary
            tablet.primaryTermStart = tablet.type == .primary ? 9 : 0
            tablet.isServing = true
            return tablet
          })
      }
    }
  }

  /// Lets the vtgates keep their command lines to themselves.
  mutating func hideFlags() {
    for index in readings.indices { readings[index].flags = nil }
  }

  /// From here on no vtgate's list of tablets can be read.
  mutating func hideTablets() {
    for index in readings.indices { readings[index].tablets = nil }
  }

  /// Gives a shard more replicas, from the tenth uid of its hundred on.
  mutating func addReplicas(_ count: Int, to shard: Int) {
    let added = (0..<count).map { index in
      GatewayTablet(
        alias: TabletAlias(cell: "zone1", uid: UInt32(100 * (shard + 1) + 10 + index)),
        shard: Self.shards[shard], type: .replica, isServing: true, primaryTermStart: 0,
        replicationLag: 0, address: Address(host: "db\(shard)r\(index)", port: 15100))
    }
    for index in readings.indices {
      readings[index].tablets = readings[index].tablets.map { GatewayTablets($0.all + added) }
    }
  }

  /// The screen that is open.
  func shows<Kind: ScreenLayer>(_ screen: Kind) -> Bool { model.screen as? Kind == screen }

  var canvas: Canvas { canvas(model.size) }
  var text: String { canvas.lines.joined(separator: "\n") }

  func canvas(_ size: Size, _ glyphs: Glyphs = .unicode) -> Canvas {
    var canvas = Canvas(size: size, glyphs: glyphs)
    model.render(into: &canvas)
    return canvas
  }
}
