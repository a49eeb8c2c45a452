internal import FoundationEssentials

/// One thing that is measured, with everything that it needs.
enum Row: String, CaseIterable {
  /// How soon the first glyph is there.
  case start
  /// 3 vtgates and 9 tablets under traffic.
  case small
  /// The same with a failover on the screen all the time.
  case failover
  /// 100 vtgates with long pages, half of whose lines are a buffer's.
  case pages
  /// The same while every one of them turns requests away for every shard.
  case storm
  /// Fewer such vtgates: how cost grows.
  case growth
  /// A lab of 100 vtgates with pages of 2.1 MB and 3,000 tablets, all of which are watched.
  case fleet
  /// 500 vtgates and 9,600 tablets, as VictoriaMetrics tells of them.
  case prometheus
  /// 40 shards that fail over at once.
  case burst
  /// How soon a failover of a shard that is armed is on the screen.
  case armed
  /// What ten minutes with a failover every ten seconds leave behind.
  case endurance

  /// How long the program runs before it is measured.
  private static let warmUp: Duration = .seconds(10)
  private static let window: Duration = .seconds(30)

  func measure(_ program: String) async throws -> [Figure] {
    switch self {
    case .start: try await Self.start(program)
    case .small:
      try await Self.watch(
        program, ["--vtgates", "3", "--traffic", "steady"], "3 vtgates, 9 tablets",
        goal: Goal(cpu: 0.3, wakes: 25, memory: 20))
    case .failover:
      try await Self.watch(
        program,
        [
          "--vtgates", "3", "--keyspace", "commerce:0", "--reparent-every", "10s", "--promotion",
          "3s",
        ],
        "a failover always on the screen", goal: Goal(terminal: 10))
    case .pages: try await Self.pages(program, .calm, "", Goal(cpu: 4, memory: 60))
    case .storm: try await Self.pages(program, .storm, ", each turning requests away", Goal())
    case .growth: try await Self.growth(program)
    case .fleet: try await Self.fleet(program)
    case .prometheus: try await Self.prometheus(program)
    case .burst: try await Self.burst(program)
    case .armed: try await ArmedWatch.measure(program)
    case .endurance: try await Self.endurance(program)
    }
  }

  // MARK: Rows

  private static func start(_ program: String) async throws -> [Figure] {
    let lab = try await Lab(program, ["--vtgates", "3"])
    var times: [Double] = []
    for _ in 0..<11 {
      let child = try Child([program] + lab.watching)
      try await child.until("the first glyph") { $0.firstGlyph != nil }
      if let first = child.firstGlyph { times.append((first - child.started) / .milliseconds(1)) }
    }
    // The first one reads the program from the disk.
    let sorted = times.dropFirst().sorted()
    return [
      Figure(
        "first glyph after start",
        "\(sorted.quantile(0.5).digits(0)) ms, \(sorted[0].digits(0)) to \(sorted[sorted.count - 1].digits(0))",
        goal: "20 ms")
    ]
  }

  private static func watch(
    _ program: String, _ arguments: [String], _ what: String, goal: Goal
  ) async throws -> [Figure] {
    let lab = try await Lab(program, arguments)
    let child = try Child([program] + lab.watching)
    return try await Cost.of([child])[0].figures(what, goal)
  }

  private static func pages(
    _ program: String, _ motion: MovingPages.Motion, _ words: String, _ goal: Goal
  ) async throws -> [Figure] {
    let pages = try await MovingPages(servers: 100, shards: 100, motion)
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-bench-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let watching = pages.places.flatMap { ["--vtgate", $0] } + ["--no-config"]
    var programs: [(String, Child)] = [("", try Child([program] + watching))]
    for peer in Peer.allCases {
      if let child = try peer.start(in: folder.path, scraping: pages.places) {
        programs.append((peer.rawValue, child))
      }
    }
    let costs = try await Cost.of(programs.map(\.1))
    await pages.stop()
    let what = "100 vtgates × \(pages.bytes / 1000) kB\(words)"
    return zip(programs, costs).flatMap { program, cost in
      program.0.isEmpty
        ? cost.figures(what, goal)
        : [
          Figure(
            "\(program.0) beside it", "\(cost.cpu.digits(1)) % of a core, \(cost.resident) MiB")
        ]
    }
  }

  private static func growth(_ program: String) async throws -> [Figure] {
    var figures: [Figure] = []
    for servers in [12, 25, 50, 100] {
      let pages = try await MovingPages(servers: servers, shards: 100, .calm)
      let watching = pages.places.flatMap { ["--vtgate", $0] } + ["--no-config"]
      let cost = try await Cost.of([try Child([program] + watching)])[0]
      await pages.stop()
      let bar = String(repeating: "▇", count: Int((cost.cpu * 2).rounded()))
      figures.append(
        Figure(
          "\(servers) vtgates × \(pages.bytes / 1000) kB",
          "\(cost.cpu.digits(2)) % of a core, \(cost.resident) MiB \(bar)"))
    }
    return figures
  }

  private static func fleet(_ program: String) async throws -> [Figure] {
    let lab = try await Lab(
      program,
      ["--vtgates", "100", "--shards", "1000", "--replicas", "2", "--traffic", "none"],
      ports: 28_300..<28_400)
    let child = try Child([program] + lab.watching)
    let start = try await Cost.of([child], after: .zero, for: .seconds(40))[0]
    let costs = try await Cost.of([child, lab.child], after: .zero)
    return [
      Figure(
        "the lab of 100 vtgates and 3,000 tablets",
        "listens after \((lab.startedWithin / .seconds(1)).digits(1)) s, \(costs[1].resident) MiB",
        goal: "3 s, 300 MiB")
    ]
      + costs[0].figures(
        "\(lab.vtgates.count) vtgates × 2.1 MB, 3,000 tablets", Goal(cpu: 35, memory: 200))
      + [Figure("… in its first 40 s: CPU", "\(start.cpu.digits(1)) % of a core")]
  }

  private static func prometheus(_ program: String) async throws -> [Figure] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-bench-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let size = StoredFleet.Size(vtgates: 500, keyspaces: 50, shards: 64, tablets: 3)
    guard let fleet = try await StoredFleet(size, in: folder.path) else {
      return [Figure("a fleet through VictoriaMetrics", "it is not installed")]
    }
    // Everybody was scraped three times.
    try await Task.sleep(for: StoredFleet.interval * 4)
    let child = try Child([program, "--prometheus", "http://\(StoredFleet.place)", "--no-config"])
    try await child.until("the first shards") { $0.text.contains("ks00") }
    let first = ContinuousClock.now - child.started
    let costs = try await Cost.of([child, fleet.store], after: .seconds(30))
    let what = "500 vtgates, 9,600 tablets, \(fleet.series) series through VictoriaMetrics"
    return [
      Figure("\(what): first screen", "\((first / .seconds(1)).digits(1)) s", goal: "3 s")
    ] + costs[0].figures("… once it is calm", Goal(cpu: 20, memory: 150)) + [
      Figure(
        "… VictoriaMetrics beside it",
        "\(costs[1].cpu.digits(0)) % of a core, \(costs[1].resident) MiB")
    ]
  }

  private static func endurance(_ program: String) async throws -> [Figure] {
    let lab = try await Lab(
      program,
      [
        "--vtgates", "3", "--keyspace", "commerce:0", "--reparent-every", "10s", "--promotion",
        "1s",
        "--buffer-min-time-between-failovers", "1s",
      ])
    let child = try Child([program] + lab.watching)
    var looks: [Usage] = []
    for _ in 0..<10 {
      try await Task.sleep(for: .seconds(60))
      looks.append(Usage(of: child.pid))
    }
    func words(_ number: (Usage) -> Int) -> String {
      looks.map { "\(number($0))" }.joined(separator: ", ")
    }
    return [
      Figure(
        "a failover every 10 s, minute after minute: MiB in memory", words { $0.residentKiB / 1024 }
      ),
      Figure("… descriptors", words(\.descriptors)),
      Figure("… threads", words(\.threadCount)),
    ]
  }

  private static func burst(_ program: String) async throws -> [Figure] {
    let lab = try await Lab(
      program,
      [
        "--vtgates", "3", "--shards", "40", "--traffic", "steady", "--promotion", "5s",
        "--buffer-min-time-between-failovers", "1s",
      ])
    let child = try Child([program] + lab.watching)
    let shards = try Self.shards(of: lab)
    let costs = try await Cost.of([child]) {
      // Nobody waits for an answer: they come when each reparent is over.
      let calls = try shards.map { shard in
        let call = try Loopback(lab.control)
        call.send("POST", "/planned-reparent?shard=\(shard)")
        return call
      }
      return calls
    }
    guard child.text.contains("BUFFERING") else { throw Trouble("no failover came on the screen") }
    return costs[0].figures("40 shards failing over at once", Goal(cpu: 10, terminal: 15))
  }

  /// `KEYSPACE/SHARD` of all its shards.
  private static func shards(of lab: Lab) throws -> [String] {
    let control = try Loopback(lab.control)
    control.send("GET", "/state")
    let names = try control.answer().matches(of: /commerce\/[0-9a-f]*-[0-9a-f]*/)
    return Set(names.map { String($0.0) }).sorted()
  }
}

/// What is to be reached; nil for what is only told.
struct Goal {
  /// Percent of a core.
  var cpu: Double?
  /// A second.
  var wakes: Double?
  /// MiB in memory.
  var memory: Int?
  /// kB a second to the terminal.
  var terminal: Double?
}

/// What a program cost over some time.
struct Cost {
  /// Percent of a core.
  let cpu: Double
  /// Wake-ups a second.
  let wakes: Double
  /// MiB in memory, and MiB of its own.
  let resident, own: Int
  /// kB a second to its terminal.
  let terminal: Double

  /// Measures programs side by side, once they have run for a while.
  ///
  /// `act`: what is done when measuring begins; what it returns lives until the end of it.
  static func of(
    _ children: [Child], after warmUp: Duration = .seconds(10), for window: Duration = .seconds(30),
    _ act: () throws -> [Loopback] = { [] }
  ) async throws -> [Cost] {
    try await Task.sleep(for: warmUp)
    let start = ContinuousClock.now
    let before = children.map { (Usage(of: $0.pid), $0.bytesWritten) }
    let held = try act()
    try await Task.sleep(for: window)
    let passed = ContinuousClock.now - start
    return withExtendedLifetime(held) {
      zip(children, before).map { child, before in
        let usage = Usage(of: child.pid)
        let (cpu, wakes) = usage.rates(since: before.0, over: passed)
        return Cost(
          cpu: cpu, wakes: wakes, resident: usage.residentKiB / 1024, own: usage.privateKiB / 1024,
          terminal: Double(child.bytesWritten - before.1) / 1000 / (passed / .seconds(1)))
      }
    }
  }

  func figures(_ what: String, _ goal: Goal) -> [Figure] {
    func words<Number>(_ number: Number?, _ unit: String) -> String {
      number.map { "\($0) \(unit)" } ?? ""
    }
    return [
      Figure("\(what): CPU", "\(cpu.digits(2)) % of a core", goal: words(goal.cpu, "%")),
      Figure("… wake-ups", "\(wakes.digits(0))/s", goal: words(goal.wakes, "/s")),
      Figure("… memory", "\(resident) MiB, \(own) of its own", goal: words(goal.memory, "MiB")),
      Figure("… to the terminal", "\(terminal.digits(2)) kB/s", goal: words(goal.terminal, "kB/s")),
    ]
  }
}
