import Actions
import FleetModel
import Terms
import Testing
import VtctldClient

@testable import Operations

/// A change of a keyspace's record is sent only where all of its tablets carry it.
@Suite struct KeyspaceSurveyTests {
  private static func tablet(
    _ uid: UInt32, _ release: Release, followsTopo: Bool?
  ) -> SurveyedTablet {
    var tablet = SurveyedTablet(alias: TabletAlias(cell: "zone1", uid: uid))
    tablet.release = release
    tablet.followsTopo = followsTopo
    return tablet
  }

  private static let rule = ThrottlerChange(
    keyspace: "commerce",
    .rule(ThrottledApp(name: "a", expiresAt: Instant(secondsSinceEpoch: 0), ratio: 1)))
  private static let threshold = ThrottlerChange(keyspace: "commerce", .threshold(1))
  private static let checks = ThrottlerChange(keyspace: "commerce", .checks(.itself))

  private static let v17 = Release("17.0.7") ?? .unknown
  private static let v20 = Release("20.0.8") ?? .unknown
  private static let v22 = Release("22.0.3") ?? .unknown

  static let cases: [([SurveyedTablet], ThrottlerChange, Objection?)] = [
    ([], rule, .noTabletWithThrottler(keyspace: "commerce")),
    // One old tablet among new ones: an upgrade is under way.
    (
      [tablet(100, v20, followsTopo: true), tablet(101, v17, followsTopo: true)], rule,
      .tabletHasNoRulesInTopo(TabletAlias(cell: "zone1", uid: 101), v17)
    ),
    ([tablet(100, v20, followsTopo: true), tablet(101, v22, followsTopo: true)], rule, nil),
    (
      [tablet(100, v20, followsTopo: true), tablet(101, v17, followsTopo: false)], threshold,
      .tabletDoesNotFollowTopo(TabletAlias(cell: "zone1", uid: 101), v17)
    ),
    ([tablet(100, v20, followsTopo: true), tablet(101, v17, followsTopo: true)], threshold, nil),
    // v21 and later no longer look at check_as_check_self.
    (
      [tablet(100, v20, followsTopo: true), tablet(101, v22, followsTopo: true)], checks,
      .tabletIgnoresChecks(TabletAlias(cell: "zone1", uid: 101), v22)
    ),
    // One that cannot be reached is no reason against it where another carries it.
    ([tablet(100, v20, followsTopo: true), tablet(101, .unknown, followsTopo: nil)], rule, nil),
    (
      [tablet(100, .unknown, followsTopo: nil)], threshold,
      .tabletsMayNotFollowTopo(keyspace: "commerce", [.unknown])
    ),
  ]

  @Test(arguments: cases.indices) func aMixedKeyspaceIsJudgedByAllOfItsTablets(_ index: Int) {
    let (tablets, change, objection) = Self.cases[index]
    #expect(
      KeyspaceSurvey(keyspace: "commerce", tablets: tablets).objection(to: change) == objection)
  }
}
