import Buffering
import Cutover
import TestSupport
import Terms
import Testing

/// What the switchboard decides, without a server in sight.
@Suite struct SwitchboardTests {
  private static let route = ShardName(keyspace: "commerce", shard: "-")
  private var board: Switchboard
  private let start = Instant(secondsSinceEpoch: 1000)

  init() { board = Self.board() }

  private static func board(_ adjust: (inout ProxyConfiguration) -> Void = { _ in }) -> Switchboard
  {
    var configuration = ProxyConfiguration()
    for name in ["old", "new"] {
      configuration.backends.append(
        .init(
          name: BackendName(name), engine: .mysql,
          address: Address(host: "127.0.0.1", port: 3306), user: "", password: ""))
    }
    configuration.routes = [
      .init(name: route, engine: .mysql, backend: "old", candidates: ["old", "new"])
    ]
    configuration.buffering.minTimeBetweenFailovers = .zero
    adjust(&configuration)
    return Switchboard(configuration, at: Instant(secondsSinceEpoch: 1000))
  }

  /// The cutover that is under way.
  private var held: Cutover {
    get throws { try #require(board.routes[Self.route]?.cutover) }
  }

  private mutating func admit(_ id: Int, after seconds: Double = 0, bytes: Int = 10)
    -> Switchboard.Verdict
  {
    let (verdict, actions) = board.admit(
      id, to: Self.route, bytes: bytes, at: start + .seconds(seconds))
    #expect(actions.isEmpty)
    return verdict
  }

  @Test mutating func workRunsWhereItsRouteLeads() {
    #expect(admit(1) == .run(on: "old"))
    #expect(board.routes[Self.route]?.inFlight == 1)
    #expect(board.ended(1, at: start) == [])
    #expect(board.routes[Self.route]?.inFlight == 0)
  }

  @Test mutating func aRouteChangesOnlyWhenNothingIsInFlight() throws {
    _ = admit(1)
    #expect(try board.start(Self.route, to: "new", at: start) == [])
    #expect(admit(2) == .wait)
    #expect(throws: Refusal.self) { try board.commit(held, at: start) }
    #expect(board.ended(1, at: start) == [.quiet(Self.route)])
    #expect(try board.commit(held, at: start) == [.run(2, on: "new")])
    #expect(admit(3) == .run(on: "new"))
    #expect(board.violation(at: start) == nil)
  }

  @Test mutating func aTransactionKeepsItsPlaceAfterItsFirstStatement() throws {
    _ = admit(1)
    #expect(board.firstStatementEnded(1, at: start) == [])
    _ = try board.start(Self.route, to: "new", at: start)
    #expect(board.routes[Self.route]?.inFlight == 1)
    #expect(throws: Refusal.self) { try board.commit(held, at: start) }
  }

  @Test mutating func aCancelledHoldReleasesToTheOldBackend() throws {
    _ = try board.start(Self.route, to: "new", at: start)
    #expect(admit(1) == .wait)
    #expect(
      try board.cancel(Self.route, because: "of the test", at: start) == [.run(1, on: "old")])
    #expect(board.routes[Self.route]?.cutover?.phase == .cancelled(why: "of the test"))
  }

  @Test mutating func tooLongAHoldFailsAllThatWaitsAndServesAgain() throws {
    _ = try board.start(Self.route, to: "new", at: start)
    for id in 1...3 { #expect(admit(id, after: 15) == .wait) }
    let actions = board.advance(to: start + .seconds(20))
    #expect(actions.count == 3)
    for case .run in actions { Issue.record("something ran") }
    #expect(board.routes[Self.route]?.cutover?.phase == .timedOut)
    #expect(admit(4, after: 20) == .run(on: "old"))
    #expect(board.heldBytes == 0)
    #expect(board.violation(at: start + .seconds(20)) == nil)
  }

  @Test mutating func workInFlightTooLongCancels() throws {
    _ = admit(1)
    _ = try board.start(Self.route, to: "new", at: start)
    #expect(admit(2) == .wait)
    #expect(board.nextDeadline == start + .seconds(5))
    #expect(board.advance(to: start + .seconds(5)) == [.run(2, on: "old")])
    #expect(board.routes[Self.route]?.isHolding == false)
  }

  @Test mutating func aBackendThatIsDownIsWaitedForOnce() {
    #expect(admit(1) == .run(on: "old"))
    #expect(board.unreachable(1, at: start).verdict == .wait)
    #expect(admit(2) == .wait)
    #expect(board.found("old", isUp: true, at: start) == [.run(1, on: "old")])
    // Still down, as it turns out: what has waited once fails, and the next is let go, and fails.
    let (verdict, actions) = board.unreachable(1, at: start)
    guard case .fail = verdict else { return #expect(Bool(false), "\(verdict)") }
    #expect(actions == [.run(2, on: "old")])
  }

  @Test mutating func aDrainingBackendGetsNoNewWork() {
    #expect(board.drain("old", true, at: start) == [])
    #expect(admit(1) == .wait)
    #expect(board.drain("old", false, at: start) == [.run(1, on: "old")])
  }

  @Test mutating func bytesAreBoundedAsWellAsRequests() throws {
    board = Self.board { $0.limits.heldBytes = 100 }
    _ = try board.start(Self.route, to: "new", at: start)
    #expect(admit(1, bytes: 60) == .wait)
    guard case .fail(let refusal) = admit(2, bytes: 60) else { return #expect(Bool(false)) }
    #expect(refusal.description.hasSuffix("primary buffer is full"))
    #expect(board.buffer.counters(of: Self.route)?.skipped[.bufferFull] == 1)
    #expect(board.clientGone(1, at: start) == [])
    #expect(board.heldBytes == 0)
    #expect(admit(3, bytes: 60) == .wait)
  }

  /// Once the new backend takes over, the old one must not serve again, whatever happens.
  @Test mutating func whatTakesOverIsNotStopped() throws {
    _ = try board.start(Self.route, to: "new", at: start)
    let cutover = try held
    #expect(admit(1) == .wait)
    try board.takeOver(cutover)
    #expect(throws: Refusal.self) { try board.takeOver(cutover) }
    #expect(throws: Refusal.self) { try board.cancel(Self.route, because: "", at: start) }
    let late = start + .seconds(100)
    let actions = board.advance(to: late)
    #expect(actions.count == 1)
    guard case .fail(1, _)? = actions.first else { return #expect(Bool(false), "\(actions)") }
    #expect(admit(2, after: 100) == .wait)
    _ = board.found("new", isUp: false, at: late)
    guard case .fail(2, _)? = try board.commit(cutover, at: late).first else {
      return #expect(Bool(false))
    }
    #expect(board.routes[Self.route]?.backend == "new")
    #expect(board.violation(at: late) == nil)
  }

  @Test mutating func aBackendThatDoesNotTakeOverLeavesTheHold() throws {
    _ = try board.start(Self.route, to: "new", at: start)
    let cutover = try held
    try board.takeOver(cutover)
    board.failTakeOver(cutover, doubt: nil)
    #expect(board.nextDeadline == start + .seconds(20))
    #expect(try board.cancel(Self.route, because: "", at: start) == [])
    #expect(admit(1) == .run(on: "old"))
    do throws(Refusal) {
      try board.takeOver(cutover)
      Issue.record("it was taken over")
    } catch {
      #expect(error.description == "the cutover of commerce/- was cancelled: ")
    }
  }

  /// Where nobody knows which backend serves, time decides nothing, and an operator does.
  @Test mutating func doubtIsHeldUntilAnOperatorDecides() throws {
    _ = try board.start(Self.route, to: "new", at: start)
    let cutover = try held
    try board.takeOver(cutover)
    board.failTakeOver(cutover, doubt: "it does not answer")
    #expect(board.nextDeadline == nil)
    #expect(board.advance(to: start + .seconds(100)) == [])
    #expect(board.shutDown(at: start + .seconds(100)) == [])
    #expect(board.routes[Self.route]?.isHolding == true)
    var other = board
    try board.takeOver(cutover)
    #expect(try board.commit(cutover, at: start + .seconds(100)) == [])
    _ = try other.cancel(Self.route, because: "", at: start + .seconds(100))
    #expect(other.routes[Self.route]?.backend == "old")
  }

  @Test mutating func aCutoverThatWouldNotBeBufferedIsRefused() throws {
    board = Self.board { $0.buffering.minTimeBetweenFailovers = .seconds(60) }
    _ = try board.start(Self.route, to: "new", at: start)
    _ = try board.commit(held, at: start)
    #expect(throws: Refusal.self) {
      try board.start(Self.route, to: "old", at: start + .seconds(59))
    }
    _ = try board.start(Self.route, to: "old", at: start + .seconds(60))
  }

  /// Whatever happens in whatever order: no work on two sides, nothing forgotten, nothing held for
  /// longer than anything may be.
  @Test(arguments: 0..<40) mutating func nothingBreaksIt(_ seed: Int) throws {
    var dice = Dice(UInt64(seed))
    board = Self.board {
      $0.buffering.drainConcurrency = Int.random(in: 1...3, using: &dice)
      $0.buffering.size = Int.random(in: 1...20, using: &dice)
    }
    var (now, next) = (start, 1)
    var (running, waiting): ([Int: BackendName], Set<Int>) = ([:], [])
    for _ in 0..<2000 {
      now = now + .milliseconds(Int.random(in: 0...400, using: &dice))
      var actions: [Switchboard.Action] = []
      switch Int.random(in: 0..<12, using: &dice) {
      case 0: actions = (try? board.start(Self.route, to: "new", at: now)) ?? []
      case 1: actions = (try? board.start(Self.route, to: "old", at: now)) ?? []
      case 2:
        if let held = board.routes[Self.route]?.cutover,
          let done = try? board.commit(held, at: now)
        {
          #expect(running.isEmpty, "the route changed under work in flight")
          actions = done
        }
      case 3: actions = (try? board.cancel(Self.route, because: "", at: now)) ?? []
      case 4:
        actions = board.found(
          Bool.random(using: &dice) ? "old" : "new", isUp: Bool.random(using: &dice), at: now)
      case 5:
        if let id = waiting.randomElement(using: &dice) {
          waiting.remove(id)
          actions = board.clientGone(id, at: now)
        }
      case 6, 7, 8:
        if let id = running.keys.sorted().randomElement(using: &dice) {
          running[id] = nil
          actions = board.ended(id, at: now)
        }
      default:
        let (verdict, more) = board.admit(next, to: Self.route, bytes: 7, at: now)
        switch verdict {
        case .run(let backend): running[next] = backend
        case .wait: waiting.insert(next)
        case .fail: break
        }
        (next, actions) = (next + 1, more)
      }
      for action in actions + board.advance(to: now) {
        switch action {
        case .run(let id, let backend):
          #expect(waiting.remove(id) != nil)
          running[id] = backend
        case .fail(let id, _): #expect(waiting.remove(id) != nil)
        case .quiet: #expect(running.isEmpty)
        }
      }
      #expect(Set(running.values).count <= 1, "work on two sides at once")
      #expect(board.violation(at: now) == nil)
      #expect(board.heldBytes == 7 * waiting.count)
    }
  }
}
