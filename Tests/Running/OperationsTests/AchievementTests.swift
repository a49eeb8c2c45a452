import Actions
import FleetModel
import Foundation
import Lab
import LabServer
import Operations
import Terms
import TestSupport
import Testing
import VitessClient
import VtctldClient

/// Nothing is sent to another than was meant or to one that will not carry it out, and nothing is
/// called done that was not seen.
@Suite(.serialized, .timeLimit(.minutes(4))) struct AchievementTests {
  private static let whole = AppRuleOrder.Change.throttle(
    for: .seconds(600), ratio: 1, isExempt: false)
  private static let quarter = AppRuleOrder.Change.throttle(
    for: .seconds(600), ratio: 0.25, isExempt: false)

  // MARK: Who is meant

  /// Another keyspace's tablet, and another of the same shard, took over the address.
  @Test(arguments: [VitessRelease.v14, .v16, .v20, .v21])
  func anAddressTakenOverIsSentNothing(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release) {
      $0.keyspaces = [("commerce", ["0"]), ("billing", ["0"])]
    }
    let meant = try lab.tablet(100)
    for uid in lab.addresses.tablets.keys.map(\.uid) where uid != 100 {
      let alias = TabletAlias(cell: "zone1", uid: uid)
      let address = try #require(lab.addresses.tablets[alias])
      let target = AppRuleOrder.Tablet(
        label: meant.label, alias: meant.alias, shard: meant.shard, address: address)
      for change in [Self.whole, .release] {
        let report = try await lab.operate().perform(
          .throttle(AppRuleOrder(app: "online-ddl", change, in: .tablets([target]))),
          progress: quietly)
        #expect(report.outcome == .notSent, "\(report)")
        #expect(report.said.contains("\(address) answers as \(alias.short) of "))
      }
    }
    #expect(lab.audit.isEmpty)
    await lab.stop()
  }

  @Test func whoDoesNotSayWhoItIsIsSentNothing() async throws {
    let denied = try await StubServer { path in
      path == "/debug/vars" ? .body("Access denied", status: 403) : .redirect("/debug/status")
    }
    let lab = try await RunningLab(.v20)
    let report = try await lab.operate().perform(
      .throttle(
        AppRuleOrder(
          app: "online-ddl", Self.whole,
          in: .tablets([try lab.tablet(100, at: denied.port)]))), progress: quietly)
    #expect(report.outcome == .notSent)
    #expect(report.said.contains("does not say which tablet it is"))
    #expect(!denied.requests.contains { $0.contains("throttle-app") })
    await denied.stop()
    await lab.stop()
  }

  // MARK: What can be carried out

  @Test(arguments: [VitessRelease.v14, .v16])
  func rulesInTopoWantV18(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release) { $0.isThrottlerConfigInTopo = release >= .v16 }
    let record = try await lab.topoThrottler()
    for change in [Self.quarter, .release] {
      let report = try await lab.operate().perform(
        .throttle(AppRuleOrder(app: "online-ddl", change, in: .keyspace("commerce"))),
        progress: quietly)
      #expect(report.outcome == .notSent)
      #expect(report.said.contains("which knows no rules in topo; v18"), "\(report.said)")
    }
    #expect(lab.audit.isEmpty)
    #expect(try await lab.topoThrottler() == record)
    let none = try await lab.operate().perform(
      .throttle(AppRuleOrder(app: "online-ddl", Self.quarter, in: .keyspace("nope"))),
      progress: quietly)
    #expect(none.said == "nothing was sent: vtctld knows no keyspace nope")
    await lab.stop()
  }

  @Test(arguments: [false, true])
  func v16FollowsTopoOnlyWhereItsFlagSaysSo(_ isOptedIn: Bool) async throws {
    let lab = try await RunningLab(.v16) { $0.isThrottlerConfigInTopo = isOptedIn }
    let before = try await lab.topoThrottler()
    for change in [ThrottlerConfigOrder.Change.threshold(2.5), .disable, .enable] {
      let report = try await lab.operate().perform(
        .configure(ThrottlerConfigOrder(keyspace: "commerce", change)), progress: quietly)
      if isOptedIn {
        #expect(report.outcome == .done, "\(report)")
      } else {
        #expect(report.outcome == .notSent)
        #expect(report.said.contains("v16 without --throttler-config-via-topo"))
      }
    }
    let after = try await lab.topoThrottler()
    #expect(isOptedIn ? after?.threshold == 2.5 : after == before)
    #expect(lab.audit.isEmpty != isOptedIn)
    await lab.stop()
  }

  @Test func v22TakesNoRulesOverHTTPAndSaysSo() async throws {
    let lab = try await RunningLab(.v22)
    for change in [Self.quarter, Self.whole, .release] {
      let report = try await lab.operate().perform(
        .throttle(AppRuleOrder(app: "online-ddl", change, in: .tablets([lab.tablet(100)]))),
        progress: quietly)
      #expect(report.outcome == .notSent)
      #expect(report.said.contains("takes no rules over HTTP: it is v22 or later"))
    }
    #expect(lab.audit.isEmpty)
    await lab.stop()
  }

  @Test(
    arguments: zip(
      VitessRelease.allCases,
      [
        "v14 to v15", "v14 to v15", "v16", "v17", "v18 to v19", "19.0.10", "20.0.8", "21.0.5",
        "22.0.3", "23.0.0", "24.0.0-SNAPSHOT",
      ]))
  func aReleaseIsAskedNotGuessed(_ release: VitessRelease, _ words: String) async throws {
    let lab = try await RunningLab(release)
    let fetcher = HTTPFetcher()
    let profile = try await TabletInquiry(fetcher).profile(at: lab.tablet(100).address)
    await fetcher.shutdown()
    #expect("\(profile.release)" == words)
    #expect(profile.alias == RunningLab.primary && profile.shard == RunningLab.shard)
    #expect(profile.followsTopo == (release >= .v17))
    let checks = try await VtctldClient(VtctldAccess(servers: [lab.vtctld])).withConnection {
      connection throws(CallFailure) in
      await connection.checksExpectedPrimary(in: "zone1")
    }
    #expect(checks == (release >= .v21))
    await lab.stop()
  }

  /// Nothing is wrong with a healthy cluster of any release, nothing is left out of what its servers
  /// say, and its vtgates' flags are known.
  @Test(arguments: VitessRelease.allCases)
  func everyReleaseIsReadWhole(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release) {
      $0.traffic = [Traffic(.steady, to: RunningLab.shard)]
    }
    let fetcher = HTTPFetcher()
    var fleet = Fleet(staleAfter: .seconds(60))
    for address in lab.addresses.vtgates {
      var client = VtgateClient(address, fetcher: fetcher)
      let reading = try await client.poll()
      #expect(reading.complaint == nil)
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vtgate, address), at: lab.now(), took: .zero, result: .gate(reading)))
    }
    for address in lab.addresses.tablets.values {
      var client = TabletClient(address, fetcher: fetcher)
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vttablet, address), at: lab.now(), took: .zero,
          result: .member(try await client.poll())))
    }
    await fetcher.shutdown()
    fleet.settle(at: lab.now())
    let check = FleetCheck(fleet)
    #expect(check.problems == [], "\(check.problems)")
    let shard = fleet.shard(RunningLab.shard)
    #expect(shard.state == .serving && shard.lag.value != nil && shard.hasCounters)
    #expect(shard.tablets.allSatisfy { $0.serverState == .serving && $0.throttler != nil })
    await lab.stop()
  }

  /// v15 has a flag for each tablet, and its command line tells.
  @Test func aTabletsFlagTellsWhoseValueDecides() async throws {
    let lab = try await RunningLab(.v15)
    _ = try await lab.host.perform(
      DrillCommand(
        "restart", ["server": "zone1-100", "throttle_check_as_check_self": "true"], at: lab.now()))
    let fetcher = HTTPFetcher()
    var client = TabletClient(try lab.tablet(100).address, fetcher: fetcher)
    #expect(try await client.poll().throttler.checkAs == .flag(true))
    var other = TabletClient(try lab.tablet(101).address, fetcher: fetcher)
    #expect(try await other.poll().throttler.checkAs == .flag(false))
    await fetcher.shutdown()
    await lab.stop()
  }

  // MARK: What was achieved

  @Test(arguments: [VitessRelease.v14, .v18, .v21, .v22])
  func whatHasNoRuleIsNotReleased(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release)
    var scopes: [AppRuleOrder.Scope] = []
    if release < .v22 { scopes.append(.tablets([try lab.tablet(100), try lab.tablet(101)])) }
    if release >= .v18 { scopes.append(.keyspace("commerce")) }
    for scope in scopes {
      let report = try await lab.operate().perform(
        .throttle(AppRuleOrder(app: "never-there", .release, in: scope)), progress: quietly)
      #expect(report.outcome == .notSent, "\(report)")
      #expect(report.said.hasPrefix("nothing was sent: never-there has no rule "))
    }
    #expect(lab.audit.isEmpty)
    await lab.stop()
  }

  @Test func aRuleAtOneOfTwoIsReleasedThere() async throws {
    let lab = try await RunningLab(.v20)
    let (first, second) = (try lab.tablet(100), try lab.tablet(101))
    _ = try await lab.operate().perform(
      .throttle(AppRuleOrder(app: "a", Self.whole, in: .tablets([first]))), progress: quietly)
    let report = try await lab.operate().perform(
      .throttle(AppRuleOrder(app: "a", .release, in: .tablets([first, second]))),
      progress: quietly)
    #expect(report.outcome == .done)
    #expect(report.parts.map(\.said) == ["released", "had no rule to release"])
    #expect(lab.auditPhases == ["intent", "result", "intent", "result"])
    await lab.stop()
  }

  /// v10 to v13 list no rules, but their checks deny; these answers are theirs by the source at v13.
  private static func v13(
    _ throttle: StubServer.Reply, denies: Bool
  ) async throws -> StubServer {
    try await StubServer { path in
      switch path.prefix(while: { $0 != "?" }) {
      case "/throttler/throttle-app": throttle
      case "/debug/vars":
        .body(
          #"{"TabletAlias":"zone1-0000000100","TabletKeyspace":"commerce","TabletShard":"0"}"#)
      case "/throttler/status":
        .body(
          #"{"Keyspace":"commerce","Shard":"0","IsLeader":true,"IsOpen":true,"IsDormant":false,"#
            + #""AggregatedMetrics":{},"MetricsHealth":{}}"#)
      case "/throttler/check-self":
        denies
          ? .body(
            #"{"StatusCode":417,"Value":0,"Threshold":0,"Message":"App denied"}"#, status: 417)
          : .body(#"{"StatusCode":200,"Value":0,"Threshold":0,"Message":""}"#)
      default: .redirect("/debug/status")
      }
    }
  }

  @Test(arguments: ["joe:s3cret-4f1c", "Bearer s3cret-4f1c"])
  func aRefusalThatQuotesTheCredentialsIsLoggedWithoutThem(_ credentials: String) async throws {
    let lab = try await RunningLab(.v14)
    let server = try await Self.v13(.quote(status: 403), denies: true)
    let http = HTTPAccess(
      named: [Address(host: "127.0.0.1", port: server.port)],
      credentials: HTTPCredentials(credentials))
    let access = ClusterAccess(
      vtctld: nil, http, audit: AuditLog(path: lab.auditPath, cluster: "lab"))
    let report = await access.runner(now: lab.now).perform(
      .throttle(
        AppRuleOrder(
          app: "online-ddl", Self.whole,
          in: .tablets([try lab.tablet(100, at: server.port)]))), progress: quietly)
    let log = try String(contentsOfFile: lab.auditPath, encoding: .utf8)
    #expect(lab.auditPhases == ["intent", "result"])
    let secrets = ["s3cret", Data(credentials.utf8).base64EncodedString()]
    for text in [log, "\(report)"] {
      #expect(text.contains("(hidden)"), "\(text)")
      #expect(!secrets.contains { text.contains($0) }, "\(text)")
    }
    await server.stop()
    await lab.stop()
  }

  @Test func whatOnlyCountsIsTakenForAnAnswer() async throws {
    let lab = try await RunningLab(.v14)
    func perform(_ server: StubServer, ratio: Double = 1) async throws -> ActionReport {
      let target = try lab.tablet(100, at: server.port)
      return try await lab.operate().perform(
        .throttle(
          AppRuleOrder(
            app: "online-ddl", .throttle(for: .seconds(60), ratio: ratio, isExempt: false),
            in: .tablets([target]))), progress: quietly)
    }
    let good = try await Self.v13(.body("{}"), denies: true)
    let seen = try await perform(good)
    #expect(seen.outcome == .done && seen.parts[0].said == "denied", "\(seen)")
    let share = try await perform(good, ratio: 0.25)
    #expect(share.outcome == .notSent && share.said.contains("v13 or older takes no ratio"))
    #expect(good.requests.filter { $0.contains("throttle-app") }.count == 1)
    // A throttler that is off takes a rule and shows nothing of it.
    let off = try await Self.v13(.body("{}"), denies: false)
    let unseen = try await perform(off)
    #expect(unseen.outcome == .unknown, "\(unseen)")
    let lost = try await Self.v13(.hangUp, denies: false)
    #expect(try await perform(lost).outcome == .unknown)
    let gateway = try await Self.v13(.body("<html>", status: 502), denies: false)
    #expect(try await perform(gateway).outcome == .unknown)
    for server in [good, off, lost, gateway] { await server.stop() }
    let gone = try await perform(good)
    #expect(gone.outcome == .notSent && gone.sentAt == nil, "\(gone)")
    #expect(lab.auditOutcomes == ["done", "done", "unknown", "unknown"])
    await lab.stop()
  }

  @Test func aRuleAtAThrottlerThatIsOffDeniesNothing() async throws {
    let lab = try await RunningLab(.v22)
    let operate = try lab.operate()
    _ = await operate.perform(
      .configure(ThrottlerConfigOrder(keyspace: "commerce", .disable)), progress: quietly)
    let report = await operate.perform(
      .throttle(AppRuleOrder(app: "online-ddl", Self.quarter, in: .keyspace("commerce"))),
      progress: quietly)
    #expect(report.said.contains("the throttler is off at 3"), "\(report)")
    await lab.stop()
  }

  // MARK: Several at once

  /// v20 looks at no expected primary: each that waits for the shard's lock is carried out.
  @Test(arguments: [VitessRelease.v20, .v22])
  func ofThreeReparentsAtOnceOneIsDone(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release) { $0.promotion = .milliseconds(500) }
    let operate = try lab.operate()
    let reports = await withTaskGroup(of: ActionReport.self) { group in
      for _ in 0..<3 {
        group.addTask {
          await operate.perform(
            .reparent(
              ReparentOrder(.planned, of: RunningLab.shard, expecting: RunningLab.primary)),
            progress: quietly)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(reports.count { $0.outcome == .done } <= 1, "\(reports.map(\.said))")
    for report in reports where report.outcome != .done {
      let isSaid = report.said.contains("someone else reparented as well")
      #expect(isSaid || report.outcome == .failed || report.outcome == .notSent, "\(report)")
      // What was carried out is not called a failure.
      #expect(report.outcome != .partial || isSaid)
    }
    await lab.stop()
  }
}
