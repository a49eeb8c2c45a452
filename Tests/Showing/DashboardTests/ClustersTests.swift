import FleetModel
import TerminalKit
import Terms
import TestSupport
import Testing
import Watching

@testable import Dashboard

/// Several clusters: the overview of them, and what their screens say of each other.
@Suite struct ClustersTests {
  static let names = ["prod-eu", "prod-us", "staging"]
  static let sizes = [
    Size(columns: 80, rows: 24), Size(columns: 100, rows: 30), Size(columns: 160, rows: 50),
  ]

  /// The overview, as the clusters have told of themselves.
  static func overview(
    _ size: Size = Size(columns: 100, rows: 30), _ names: [String] = names,
    _ glances: [ClusterGlance] = []
  ) -> Scene {
    var settings = Model.Settings(
      title: "\(names.count) clusters", interval: .seconds(1),
      permission: .never(because: "the overview only shows"))
    settings.clusters = names
    settings.themes = ["default", "harbor", "daylight"]
    var scene = Scene(size)
    scene.model = Model(settings: settings, size: size, now: Scene.start)
    scene.now = Scene.start + .seconds(5)
    scene.send(.clusters(glances))
    return scene
  }

  /// What a cluster tells of itself, under another name.
  private static func glance(
    _ scene: Scene, as name: String, titled title: String? = nil, _ color: ClusterHue = .blue,
    isUnverified: Bool = false
  ) throws -> ClusterGlance {
    let own = try #require(scene.model.glance)
    return ClusterGlance(
      name: name, title: title ?? name, role: color.role, situation: own.situation,
      shards: own.shards, shardsInTrouble: own.shardsInTrouble, failed: own.failed,
      isCounted: own.isCounted, worstLag: own.worstLag, vtgatesAnswering: own.vtgatesAnswering,
      vtgates: own.vtgates, answeredAt: own.answeredAt, problems: own.problems,
      isActing: own.isActing, shardsFailingOver: own.shardsFailingOver, isMasked: own.isMasked,
      standIns: own.standIns, isUnverified: isUnverified)
  }

  private static var calm: Scene {
    var scene = Scene(cluster: "prod-eu", among: names)
    scene.isLagging = false
    for _ in 0..<5 { scene.poll() }
    return scene
  }

  private static var busy: Scene { Scene.busy(cluster: "prod-eu", among: names) }

  /// No server has ever answered.
  private static var unreachable: Scene {
    var scene = Scene(cluster: "prod-eu", among: names)
    for address in Scene.vtgates {
      let target = Target(.vtgate, address)
      scene.send(
        Scene.observed(.watching(target)),
        Scene.observed(
          .outcome(
            ScrapeOutcome(
              target: target, at: Scene.start + .seconds(1), took: .zero,
              result: .failed(.unreachable(.refused)))), at: Scene.start + .seconds(1)))
    }
    scene.wait(.seconds(5))
    return scene
  }

  // MARK: What is shown

  /// Said for as long as it is so, on the overview, on each screen and in a check.
  @Test func thatNoCertificateIsCheckedStandsInEveryHeader() throws {
    var settings = Model.Settings(title: "prod-eu", interval: .seconds(1))
    settings.isUnverified = true
    for columns in [80, 120] {
      var scene = Scene(Size(columns: columns, rows: 24))
      scene.model = Model(
        settings: settings, size: scene.model.size, now: Scene.start)
      for _ in 0..<3 { scene.poll() }
      let header = scene.canvas(scene.model.size).lines[0]
      #expect(header.contains(" UNVERIFIED TLS "), "\(header)")
      let notes = scene.model.watch.check(scene.model.fleet).notes
      #expect(notes.map(\.finding).first == .unverified)
      _ = scene.press(.enter)
      #expect(scene.canvas(scene.model.size).lines[0].contains(" UNVERIFIED TLS "))
    }
    let size = Size(columns: 100, rows: 30)
    let overview = Self.overview(
      size, Self.names,
      [
        try Self.glance(Self.calm, as: "prod-eu"),
        try Self.glance(Self.calm, as: "prod-us", titled: "America", isUnverified: true),
      ])
    #expect(overview.canvas(size).lines[0].contains(" UNVERIFIED TLS America "))
  }

  @Test(arguments: sizes) func allIsCalm(_ size: Size) throws {
    let colors = ClusterHue.assigned([nil, nil, nil])
    let scene = Self.overview(
      size, Self.names,
      try zip(Self.names, colors).map { try Self.glance(Self.calm, as: $0, $1) })
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/clusters-calm")
  }

  @Test(arguments: sizes) func oneIsInTrouble(_ size: Size) throws {
    let scene = Self.overview(
      size, Self.names,
      [
        try Self.glance(Self.calm, as: "prod-eu", .red),
        try Self.glance(Self.busy, as: "prod-us", .violet),
        try Self.glance(Self.calm, as: "staging", .green),
      ])
    #expect(scene.text.contains("NO PRIMARY"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/clusters-trouble")
  }

  @Test(arguments: sizes) func oneCannotBeReached(_ size: Size) throws {
    let scene = Self.overview(
      size, Self.names,
      [
        try Self.glance(Self.calm, as: "prod-eu", .red),
        try Self.glance(Self.unreachable, as: "staging", .green),
      ])
    #expect(scene.text.contains("0/2"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/clusters-unreachable")
  }

  /// What has no room is not made up for by what reassures.
  @Test(arguments: sizes) func aLagOverItsThresholdIsCountedAndNotTalkedAway(_ size: Size) throws {
    var scene = Scene(cluster: "prod-eu", among: Self.names)
    for _ in 0..<3 { scene.poll() }
    let glance = try Self.glance(scene, as: "prod-eu")
    let overview = Self.overview(size, ["prod-eu"], [glance])
    let row = overview.canvas.lines[2]
    #expect(row.contains("▲ all 4 shards serve"), "\(row)")
    #expect(row.contains(" 1/4 "), "\(row)")
    let hasReason = row.contains("lag 7.3 s, over 5 s") || row.contains("lag is 7.3 s, over")
    #expect(hasReason == (size.columns >= 100), "\(row)")
    #expect(hasReason || !row.contains("no failover since"), "\(row)")
  }

  /// Whoever failed first: one that was never heard of is no calm one.
  @Test(arguments: sizes) func noneOfTheirServersIsKnown(_ size: Size) throws {
    func cluster(_ name: String, _ news: Observation.News...) throws -> ClusterGlance {
      var scene = Scene(cluster: "prod-eu", among: Self.names)
      for news in news { scene.send(Scene.observed(news)) }
      scene.wait(.seconds(5))
      return try Self.glance(scene, as: name)
    }
    var pace = Pace()
    pace.relay = Relay(Address(host: "prom.example", port: 9090))
    let waiting = try cluster("waiting", .pace(pace))
    pace.relay?.fault = .failed(.unreachable(.refused))
    let glances = [
      try cluster("prometheus", .pace(pace)),
      try cluster(
        "topo",
        .source(.vtctld, SourceStanding(fault: "vtctld topo.example:15999: connection refused"))),
      try cluster("nobody", .source(.file("gates.yml"), SourceStanding(namesServers: false))),
      waiting, try cluster("asked", .source(.command, SourceStanding())),
    ]
    #expect(glances.map(\.isInTrouble) == [true, true, true, false, false])
    let scene = Self.overview(size, glances.map(\.name), glances)
    #expect(scene.text.contains("3 in trouble"))
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/clusters-unknown")
  }

  /// Names that begin alike are told apart by their ends.
  @Test(arguments: sizes) func namesOfSixtyCharacters(_ size: Size) throws {
    let names = ["europe", "america"].map { region in
      "a-cluster-with-a-name-that-begins-like-all-others-in-\(region)".padded(to: 60)
    }
    let scene = Self.overview(
      size, names, try names.map { try Self.glance(Self.busy, as: $0, .yellow) })
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/clusters-long-names")
    let rows = scene.canvas.lines.dropFirst(2).prefix(2).map { $0.prefix(20) }
    #expect(rows[0] != rows[1])
  }

  @Test(arguments: sizes) func twelve(_ size: Size) throws {
    let names = (1...12).map { "cluster-\($0)" }
    let colors = ClusterHue.assigned(names.map { _ in nil })
    let scenes = [Self.calm, Self.busy, Self.unreachable]
    var scene = Self.overview(
      size, names,
      try names.indices.map { try Self.glance(scenes[$0 % 3], as: names[$0], colors[$0]) })
    _ = scene.press(.down, .down)
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/clusters-twelve")
  }

  @Test(arguments: sizes) func oneAlone(_ size: Size) throws {
    let scene = Self.overview(
      size, ["prod-eu"], [try Self.glance(Self.calm, as: "prod-eu", .red)])
    try expectGolden(scene.canvas, named: "\(size.columns)x\(size.rows)/clusters-one")
  }

  @Test func beforeAnythingIsKnown() throws {
    try expectGolden(Self.overview().canvas, named: "100x30/clusters-first-frame")
  }

  @Test func everySizeDraws() throws {
    let glances = [try Self.glance(Self.busy, as: "prod-eu")]
    let scene = Self.overview(Size(columns: 100, rows: 30), ["prod-eu"], glances)
    for columns in stride(from: 0, through: 210, by: 7) {
      for rows in stride(from: 0, through: 40, by: 3) {
        #expect(scene.canvas(Size(columns: columns, rows: rows)).lines.count == rows)
      }
    }
  }

  @Test func hostsAreMaskedWhereTheyAreOnTheClustersOwnScreens() throws {
    var cluster = Self.unreachable
    var scene = Self.overview(
      Size(columns: 100, rows: 30), Self.names, [try Self.glance(cluster, as: "staging")])
    #expect(scene.text.contains("gate1:15001"))
    _ = scene.press(.character(":"))
    for key in "mask" { _ = scene.press(.character(key)) }
    _ = scene.press(.enter)
    #expect(scene.text.contains("vtgate-1") && !scene.text.contains("gate1:15001"))

    cluster.model.toggleMask()
    scene = Self.overview(
      Size(columns: 100, rows: 30), Self.names, [try Self.glance(cluster, as: "staging")])
    #expect(scene.text.contains("vtgate-1") && !scene.text.contains("gate1:15001"))
  }

  /// Whoever looks at one hears of the others.
  @Test(arguments: sizes) func theTroubleOfOthersIsSaidOnAClustersScreens(_ size: Size) throws {
    let busy = try Self.glance(Self.busy, as: "prod-us", titled: "Prod US")
    let calm = try Self.glance(Self.calm, as: "staging")
    var scene = Self.calm
    scene.send(.clusters([try Self.glance(Self.calm, as: "prod-eu"), busy, calm]))
    #expect(scene.canvas(size).lines[0].contains("▲ Prod US in trouble"))
    _ = scene.press(.enter)
    #expect(scene.canvas(size).lines[0].contains("▲ Prod US in trouble"))
    scene.send(.clusters([busy, try Self.glance(Self.busy, as: "staging")]))
    #expect(scene.canvas(size).lines[0].contains("▲ 2 other clusters in trouble"))
    // Its own trouble stands below.
    scene.send(.clusters([try Self.glance(Self.busy, as: "prod-eu"), calm]))
    #expect(!scene.canvas(size).lines[0].contains("in trouble"))
  }

  /// Titles that are alike but for their middle.
  @Test(arguments: sizes) func titlesThatAreCutStayDifferent(_ size: Size) throws {
    let titles = (1...2).map { "Production Europe West \($0) (customer facing)" }
    let glances = try zip(["p1", "p2"], titles).map {
      try Self.glance(Self.calm, as: $0, titled: $1)
    }
    var scene = Self.overview(size, ["p1", "p2"], glances)
    let rows = scene.canvas(size).lines.prefix(4)
    for name in ["p1", "p2"] { #expect(rows.contains { $0.contains(" \(name) Prod") }, "\(rows)") }
    // Where one is chosen by its name, its title stands beside it.
    _ = scene.press(.character(":"))
    for character in "cluster " { _ = scene.press(.character(character)) }
    for (name, title) in zip(["p1", "p2"], titles) {
      #expect(scene.canvas(size).lines.contains { $0.contains("\(name) \(title)") })
    }
    // And on its own screens.
    var settings = Model.Settings(title: titles[0], interval: .seconds(1))
    (settings.cluster, settings.clusters, settings.color) = ("p1", ["p1", "p2"], .blue)
    var own = Scene(size)
    own.model = Model(settings: settings, size: size, now: Scene.start)
    own.send(.clusters(glances))
    let header = own.canvas(size).lines[0]
    #expect(header.contains(" p1 Prod") || header.contains("… 1 (customer"), "\(header)")
  }

  @Test func thePaletteOffersWhatWorksHere() {
    var scene = Self.overview()
    _ = scene.press(.character(":"))
    #expect(scene.text.contains("cluster") && !scene.text.contains("next-shard"))
    for character in "next-shard" { _ = scene.press(.character(character)) }
    #expect(scene.text.contains("next-shard is for a cluster's own screens: open one first"))
    _ = scene.press(.enter)
    #expect(scene.text.contains("open one first"))
  }

  // MARK: Moving

  @Test func aRowIsOpenedAndNothingElseIsDoneFromThere() throws {
    var scene = Self.overview()
    #expect(scene.press(.enter) == [.showCluster("prod-eu")])
    #expect(scene.press(.down, .enter) == [.showCluster("prod-us")])
    #expect(scene.press(.end, .enter) == [.showCluster("staging")])
    for key in Command.table.flatMap(\.keys) where key != .enter {
      var scene = Self.overview()
      let effects = scene.press(key)
      #expect(
        effects.allSatisfy {
          switch $0 {
          case .showCluster, .quit, .redraw, .writeScreen: true
          default: false
          }
        }, "\(key)")
    }
  }

  /// The rows are read from the top; what was chosen is kept in sight.
  @Test func theCursorIsOnTheFirstRowUntilAClusterIsChosen() throws {
    func glances(_ eu: Scene, _ us: Scene) throws -> [ClusterGlance] {
      [try Self.glance(eu, as: "prod-eu"), try Self.glance(us, as: "prod-us")]
    }
    var scene = Self.overview()
    scene.send(.clusters(try glances(Self.calm, Self.busy)))
    #expect(scene.model.chosenCluster == "prod-us")
    scene.send(.clusters(try glances(Self.busy, Self.calm)))
    #expect(scene.press(.enter) == [.showCluster("prod-eu")])
    scene.send(.clusters(try glances(Self.calm, Self.busy)))
    #expect(scene.model.chosenCluster == "prod-eu")
    #expect(scene.press(.down, .enter) == [.showCluster("staging")])
  }

  @Test func keysLeadBackFromACluster() {
    var scene = Self.calm
    #expect(scene.press(.enter).isEmpty)
    #expect(scene.press(.escape).isEmpty)
    #expect(scene.press(.escape) == [.showCluster(nil)])
    #expect(scene.press(.character("C")) == [.showCluster(nil)])
    // A filter is removed first.
    _ = scene.press(.character("/"), .character("x"), .enter)
    #expect(scene.press(.escape).isEmpty)
    #expect(scene.press(.escape) == [.showCluster(nil)])
    // Where there is one cluster, there is no overview to go back to.
    var alone = Scene()
    #expect(alone.press(.escape, .character("C")).isEmpty)
  }

  @Test func anotherClusterIsOpenedByItsName() {
    func type(_ line: String, _ scene: inout Scene) -> [Effect] {
      var effects = scene.press(.character(":"))
      for character in line { effects += scene.press(.character(character)) }
      return effects + scene.press(.enter)
    }
    var scene = Self.calm
    #expect(type("cluster staging", &scene) == [.showCluster("staging")])
    #expect(type("cluster nowhere", &scene).isEmpty)
    #expect(scene.text.contains("no cluster is called nowhere"))
    var overview = Self.overview()
    _ = overview.press(.character(":"))
    for character in "cluster st" { _ = overview.press(.character(character)) }
    #expect(overview.press(.tab, .enter) == [.showCluster("staging")])
    var alone = Scene(Size(columns: 120, rows: 40))
    #expect(type("cluster staging", &alone).isEmpty)
    #expect(alone.text.contains("cluster works where several clusters are open"))
  }

  // MARK: Not to be mistaken

  @Test func theTitleIsOnEveryScreenInTheClustersColour() {
    var settings = Model.Settings(title: "prod-eu", interval: .seconds(1))
    settings.cluster = "prod-eu"
    settings.clusters = Self.names
    settings.color = .red
    var scene = Self.busy
    scene.model = Model(settings: settings, watch: scene.model.watch, size: scene.model.size)
    for way in [[], [Key.enter], [.character("f")], [.character("e")], [.character("p")]] {
      var scene = scene
      scene.showFrame()
      for key in way { _ = scene.press(key) }
      let row = scene.canvas.cells.prefix(scene.model.size.columns)
      let badge = row.filter { $0.role == ClusterHue.red.role }.compactMap(\.character)
      #expect(String(badge) == " prod-eu ", "\(way)")
    }
  }

  @Test func eachClusterGetsAColourOfItsOwn() {
    #expect(Set(ClusterHue.assigned(Array(repeating: nil, count: 5))).count == 5)
    #expect(ClusterHue.assigned([nil, .blue, nil]) == [.violet, .blue, .green])
    #expect(ClusterHue.assigned(Array(repeating: nil, count: 14)).count == 14)
  }

  @Test func aReparentIsConfirmedByTheNamesOfClusterAndShard() {
    var form = ReparentForm(Shard.named(Scene.shards[0], in: Self.calm), of: "prod-eu")
    #expect(form.password == "prod-eu commerce/-80")
    form = ReparentForm(Shard.named(Scene.shards[0], in: Self.calm))
    #expect(form.password == "commerce/-80")
  }

  @Test func whatIsAskedBeforeAnActionNamesTheCluster() {
    var scene = Scene(
      Size(columns: 120, rows: 40), permission: .fromStart, hasVtctld: true, cluster: "prod-eu",
      among: Self.names)
    for _ in 0..<3 { scene.poll() }
    _ = scene.press(.character("t"))
    #expect(scene.text.contains("prod-eu: step 1 of 2: throttle an app on commerce/-80"))
    _ = scene.press(.enter)
    #expect(scene.text.contains("│ prod-eu: "))
    _ = scene.press(.escape, .escape, .character("R"))
    #expect(scene.text.contains("prod-eu: reparent commerce/-80"))
    #expect(scene.text.contains("type prod-eu commerce/-80:"))
  }

  @Test func leavingAsksWhileSomethingGoesOnElsewhere() throws {
    let scene = Scene.failover(Size(columns: 120, rows: 40), isOver: false)
    var settings = scene.model.settings
    settings.cluster = "prod-us"
    settings.clusters = Self.names
    let failing = Scene(cluster: "x")
    var model = Model(settings: settings, watch: scene.model.watch, size: scene.model.size)
    _ = model.update(.moment(scene.now))
    var one = failing
    one.model = model
    var overview = Self.overview(
      Size(columns: 120, rows: 40), Self.names, [try Self.glance(one, as: "prod-us")])
    #expect(overview.press(.character("q")).isEmpty)
    #expect(overview.text.contains("In prod-us the failover of commerce/-80 is still going on."))
    #expect(overview.press(.character("q")) == [.quit])
    var calm = Self.overview(
      Size(columns: 120, rows: 40), Self.names, [try Self.glance(Self.calm, as: "prod-us")])
    #expect(calm.press(.character("q")) == [.quit])
  }
}

extension Shard {
  fileprivate static func named(_ name: ShardName, in scene: Scene) -> Shard {
    scene.model.live.shard(name)
  }
}

extension String {
  fileprivate func padded(to count: Int) -> String {
    replacing(
      "-in-", with: "-" + String(repeating: "x", count: max(0, count - self.count)) + "-in-")
  }
}
