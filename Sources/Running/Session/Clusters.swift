package import Dashboard
package import FleetModel
package import TerminalKit
package import Terms
internal import Watching

/// Several clusters on one terminal: a session for each, and one in front of them that shows all.
///
/// The sessions share the terminal and nothing else: each has its own feed, budget, audit log and
/// recording, so that one's slowness or failure costs the others nothing.
@MainActor
package final class Clusters {
  private struct Member {
    let session: Session
    let seat: Seat
    let targets: [Target]
  }

  private let shared: SharedScreen
  private let overview: Member
  private var members: [String: Member] = [:]
  private let names: [String]
  private var glances: [String: ClusterGlance] = [:]

  /// Without a cluster yet.
  ///
  /// `overview`: the settings of the screen that shows all, with the clusters' names in them; `now`:
  /// its clock; `themes`: shared by all.
  package init(
    _ overview: Model.Settings, on screen: any Screen, now: @escaping @Sendable () -> Instant,
    themes: (any ThemeSource)? = nil, screenshots: Screenshots = Screenshots(in: ".")
  ) {
    names = overview.clusters
    shared = SharedScreen(screen)
    let seat = shared.seat(titled: nil)
    shared.bringToFront(seat)
    let session = Session(
      settings: overview, screen: seat, feed: NoFeed(), now: now, themes: themes,
      screenshots: screenshots)
    self.overview = Member(session: session, seat: seat, targets: [])
    session.clusters = self
  }

  /// Adds a cluster; `session` makes its session on the screen that is its own.
  package func add(
    _ name: String, titled title: String, _ targets: [Target], session: (any Screen) -> Session
  ) {
    let seat = shared.seat(titled: title)
    let session = session(seat)
    session.clusters = self
    members[name] = Member(session: session, seat: seat, targets: targets)
  }

  /// Shows the overview until its user or a signal ends the program.
  package func run() async -> Session.End {
    let all = [overview] + names.compactMap { members[$0] }
    let (ends, continuation) = AsyncStream.makeStream(of: Session.End.self)
    shared.open()
    let running = all.map { member in
      Task { continuation.yield(await member.session.run(member.targets)) }
    }
    var result = Session.End.quit
    for await end in ends {
      result = end
      break
    }
    for member in all { member.session.end(as: result) }
    for task in running { _ = await task.value }
    return result
  }

  /// Brings a cluster to the front; nil: the overview.
  func show(_ name: String?) {
    guard let member = name.map({ members[$0] }) ?? overview, member.seat !== shared.front else {
      return
    }
    shared.bringToFront(member.seat)
    member.session.appear()
  }

  /// Tells all of them what one tells of itself, if that is new.
  func take(_ glance: ClusterGlance) {
    guard glances[glance.name] != glance else { return }
    glances[glance.name] = glance
    let all = names.compactMap { glances[$0] }
    for member in [overview] + Array(members.values) { member.session.take(all) }
  }
}

/// A feed that tells nothing: the overview hears of clusters from their own sessions.
private struct NoFeed: Feed {
  let batches: AsyncStream<[Observation]>
  private let continuation: AsyncStream<[Observation]>.Continuation

  init() { (batches, continuation) = AsyncStream.makeStream() }

  func start(_ targets: [Target]) async {}
  func grant(_ wishes: Wishes) async {}
  func stop() async { continuation.finish() }
}
