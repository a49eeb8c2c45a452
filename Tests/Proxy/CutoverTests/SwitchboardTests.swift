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

  /// What an operator gives up is not in flight any more, and its end comes to nothing.
  @Test mutating func whatIsGivenUpHoldsUpNothing() throws {
    for id in 1...2 { _ = admit(id) }
    _ = try board.start(Self.route, to: "new", at: start)
    #expect(admit(3) == .wait)
    #expect(try board.endInFlight(of: held, at: start) == [])
    #expect(throws: Refusal.self) { try board.force(held, atMost: 1) }
    #expect(board.routes[Self.route]?.cutover?.phase == .holding)
    #expect(try board.force(held, atMost: 2).works == [1, 2])
    #expect(try board.endInFlight(of: held, at: start) == [.quiet(Self.route)])
    #expect(board.violation(at: start) == nil)
    #expect(try board.commit(held, at: start) == [.run(3, on: "new")])
    #expect(board.ended(1, at: start) == [])
    #expect(board.routes[Self.route]?.inFlight == 1)
    #expect(board.violation(at: start) == nil)
    #expect(try board.endInFlight(of: held, at: start) == [])
  }

  /// From the first KILL to the switch neither time nor an operator ends the cutover: what would be
  /// placed on the old server then would be ended with the rest or be missing on the new one, and what
  /// was ended would have been for nothing.
  @Test mutating func aForcedCutoverEndsByNothingElse() throws {
    _ = admit(1)
    _ = try board.start(Self.route, to: "new", at: start)
    #expect(admit(2) == .wait)
    let before = try held
    let (forced, works) = try board.force(before, atMost: 1)
    #expect(works == [1])
    let late = start + board.configuration.buffering.maxFailoverDuration + .seconds(1)
    for _ in 0..<2 {
      #expect(board.nextDeadline.map { $0 > start + board.configuration.limits.inFlight } != false)
      _ = board.advance(to: late)
      #expect(board.routes[Self.route]?.isHolding == true)
      #expect(throws: Refusal.self) { try board.cancel(Self.route, because: "x", at: late) }
      // Who had it before cannot carry it through.
      #expect(throws: Refusal.self) { try board.commit(before, at: late) }
      #expect(throws: Refusal.self) { try board.force(before, atMost: 1) }
      _ = board.endInFlight(of: forced, at: late)
    }
    #expect(board.routes[Self.route]?.backend == "old")
    try board.takeOver(forced)
    _ = try board.commit(forced, at: late)
    #expect(board.routes[Self.route]?.backend == "new")
  }

  /// A drained server goes on with what it has, and says how much that is.
  @Test mutating func aDrainedServerEndsWhatItHas() throws {
    _ = admit(1)
    _ = board.drain("old", true, at: start)
    #expect(admit(2) == .wait)
    #expect(board.inFlight(at: "old") == 1)
    _ = board.ended(1, at: start)
    #expect(board.inFlight(at: "old") == 0)
  }

  @Test mutating func aForcedCutoverThatIsNotSwitchedHoldsOn() throws {
    _ = admit(1)
    _ = try board.start(Self.route, to: "new", at: start)
    let (forced, _) = try board.force(try held, atMost: 1)
    _ = board.endInFlight(of: forced, at: start)
    board.release(forced)
    #expect(board.routes[Self.route]?.cutover?.phase == .holding)
    _ = board.advance(to: start + board.configuration.buffering.maxFailoverDuration)
    #expect(board.routes[Self.route]?.cutover?.phase == .timedOut)
    board.release(forced)
    #expect(board.routes[Self.route]?.cutover?.phase == .timedOut)
  }

  @Test mutating func nothingIsEndedForAServerThatTakesNoWork() throws {
    _ = admit(1)
    _ = try board.start(Self.route, to: "new", at: start)
    _ = board.found("new", isUp: false, at: start)
    #expect(throws: Refusal.self) { try board.force(held, atMost: 1) }
    #expect(board.routes[Self.route]?.inFlight == 1)
  }

  @Test mutating func eachPhaseOfACutoverIsToldOnce() throws {
    _ = try board.start(Self.route, to: "new", at: start)
    #expect(board.takeChanges().map(\.phase) == [.holding])
    _ = try board.cancel(Self.route, because: "of the test", at: start)
    _ = try board.start(Self.route, to: "new", at: start)
    try board.takeOver(held)
    _ = try board.commit(held, at: start)
    #expect(
      board.takeChanges().map(\.phase)
        == [.cancelled(why: "of the test"), .holding, .takingOver, .switched])
    #expect(board.takeChanges().isEmpty)
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
  }

  /// What was let go has waited once and fails, as with vtgate; what was not is not sent after it, to
  /// wait for a connection in vain.
  @Test mutating func aServerThatFailsAgainWhileItsQueueDrainsFailsTheRest() {
    #expect(admit(1) == .run(on: "old"))
    #expect(board.unreachable(1, at: start).verdict == .wait)
    for id in 2...3 { #expect(admit(id) == .wait) }
    #expect(board.found("old", isUp: true, at: start) == [.run(1, on: "old")])
    let down = Switchboard.Verdict.fail(down)
    #expect(admit(4) == .run(on: "old"), "not behind the queue, as with vtgate")
    let (verdict, actions) = board.unreachable(1, at: start)
    #expect(verdict == down)
    #expect(actions == [.fail(2, self.down), .fail(3, self.down)])
    #expect(board.buffer.state(of: Self.route) == .idle)
    #expect(board.violation(at: start) == nil)
  }

  private var down: Refusal {
    Refusal(
      .unavailable,
      "target: commerce.-.primary: no healthy tablet available for 'keyspace:\"commerce\" "
        + "shard:\"-\" tablet_type:PRIMARY'")
  }

  // MARK: Servers that are read-only

  private mutating func isSeen(readOnly: Bool, asked: Double, at seconds: Double)
    -> [Switchboard.Action]
  {
    board.found(
      "old", isUp: true, isReadOnly: readOnly, asked: start + .seconds(asked),
      at: start + .seconds(seconds))
  }

  @Test mutating func aRefusedWriteWaitsUntilItsServerTakesWritesAgain() {
    #expect(isSeen(readOnly: false, asked: 0, at: 0) == [])
    #expect(admit(1) == .run(on: "old"))
    #expect(board.refusedWrite(1, at: start + .seconds(1)).verdict == .wait)
    #expect(board.routes[Self.route]?.inFlight == 0)
    #expect(admit(2, after: 1) == .wait, "reads too: the server may be about to be replaced")
    // A look that began before says nothing of what came after.
    #expect(isSeen(readOnly: false, asked: 0.9, at: 1.1) == [])
    #expect(isSeen(readOnly: true, asked: 2, at: 2) == [])
    #expect(isSeen(readOnly: false, asked: 3, at: 3) == [.run(1, on: "old")])
    #expect(board.ended(1, at: start + .seconds(3)) == [.run(2, on: "old")])
    #expect(board.violation(at: start + .seconds(3)) == nil)
  }

  @Test mutating func aRefusedWriteGoesWhereACutoverLeads() throws {
    #expect(isSeen(readOnly: false, asked: 0, at: 0) == [])
    #expect(admit(1) == .run(on: "old"))
    #expect(try board.start(Self.route, to: "new", at: start) == [])
    let (verdict, actions) = board.refusedWrite(1, at: start)
    #expect(verdict == .wait)
    #expect(actions == [.quiet(Self.route)])
    #expect(try board.commit(held, at: start) == [.run(1, on: "new")])
  }

  /// A second refusal is the client's, and so is one in the time in which nothing is buffered.
  @Test mutating func aRefusedWriteWaitsOnce() {
    board = Self.board { $0.buffering.minTimeBetweenFailovers = .seconds(60) }
    #expect(isSeen(readOnly: false, asked: 0, at: 0) == [])
    #expect(admit(1) == .run(on: "old"))
    #expect(board.refusedWrite(1, at: start).verdict == .wait)
    #expect(isSeen(readOnly: false, asked: 1, at: 1) == [.run(1, on: "old")])
    #expect(board.refusedWrite(1, at: start + .seconds(1)).verdict == nil)
    #expect(board.ended(1, at: start + .seconds(1)) == [])
    #expect(admit(2, after: 2) == .run(on: "old"))
    #expect(board.refusedWrite(2, at: start + .seconds(2)).verdict == nil)
    #expect(board.buffer.counters(of: Self.route)?.skipped[.lastFailoverTooRecent] == 1)
    #expect(board.ended(2, at: start + .seconds(2)) == [])
  }

  @Test mutating func aServerThatWasNeverWritableIsThereToBeRead() {
    #expect(isSeen(readOnly: true, asked: 0, at: 0) == [])
    #expect(admit(1) == .run(on: "old"))
    #expect(board.refusedWrite(1, at: start).verdict == nil)
    #expect(admit(2) == .run(on: "old"))
  }

  /// As with vtgate, what waits is tried once more, and reads work.
  @Test mutating func aServerThatStaysReadOnlyIsReadAfterTheLongestFailover() {
    #expect(isSeen(readOnly: false, asked: 0, at: 0) == [])
    #expect(admit(1) == .run(on: "old"))
    #expect(board.refusedWrite(1, at: start).verdict == .wait)
    #expect(board.advance(to: start + .seconds(10)) == [.run(1, on: "old")])
    #expect(board.refusedWrite(1, at: start + .seconds(10)).verdict == nil)
    #expect(board.ended(1, at: start + .seconds(10)) == [])
    #expect(admit(2, after: 15) == .wait)
    #expect(board.advance(to: start + .seconds(20)) == [.run(2, on: "old")])
    #expect(board.violation(at: start + .seconds(20)) == nil)
  }

  // MARK: Operators

  @Test mutating func aProxyThatStopsTakesNothingNew() {
    #expect(board.shutDown(at: start) == [])
    #expect(admit(1) == .fail(.stopping))
  }

  @Test mutating func aCutoverMayBeginWithoutTheBuffer() throws {
    board = Self.board { $0.buffering.isEnabled = false }
    #expect(throws: Refusal.self) { try board.start(Self.route, to: "new", at: start) }
    _ = try board.start(Self.route, to: "new", unbuffered: true, at: start)
    guard case .fail(let refusal) = admit(1) else { return #expect(Bool(false)) }
    #expect(refusal.code == .clusterEvent)
    #expect(board.buffer.counters(of: Self.route)?.skipped[.disabled] == 1)
    #expect(try board.commit(held, at: start) == [])
    #expect(admit(2) == .run(on: "new"))
  }

  @Test mutating func theBuffersFlagsStayWhileSomethingWaits() throws {
    var changed = board.configuration
    changed.buffering.size = 7
    changed.limits.heldBytes = 5
    #expect(board.drain("old", true, at: start) == [])
    #expect(admit(1) == .wait)
    let isTaken = board.reconfigure(changed, at: start)
    #expect(!isTaken)
    #expect(board.configuration.buffering.size == 1000)
    #expect(board.configuration.limits.heldBytes == 5)
    #expect(board.drain("old", false, at: start) == [.run(1, on: "old")])
    #expect(board.ended(1, at: start) == [])
    let isTakenNow = board.reconfigure(changed, at: start)
    #expect(isTakenNow)
    #expect(board.buffer.configuration.size == 7)
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
      switch Int.random(in: 0..<14, using: &dice) {
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
          Bool.random(using: &dice) ? "old" : "new", isUp: Bool.random(using: &dice),
          isReadOnly: Bool.random(using: &dice), at: now)
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
      case 9, 10:
        guard let id = running.keys.sorted().randomElement(using: &dice) else { continue }
        let isReadOnly = Bool.random(using: &dice)
        let (verdict, more) =
          isReadOnly ? board.refusedWrite(id, at: now) : board.unreachable(id, at: now)
        // The error is the client's, and the work ends as any other.
        if verdict == nil { break }
        running[id] = nil
        if verdict == .wait { waiting.insert(id) }
        if case .run(let backend) = verdict { running[id] = backend }
        actions = more
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
