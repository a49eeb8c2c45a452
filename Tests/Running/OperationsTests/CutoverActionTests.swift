import Actions
import FleetModel
import Foundation
import Operations
import Synchronization
import Terms
import TestSupport
import Testing
import VitessClient

/// What is sent to a proxy, and what is made of its answers, over real connections.
@Suite(.serialized, .timeLimit(.minutes(1))) struct CutoverActionTests {
  private static let route = ShardName(keyspace: "commerce", shard: "-")

  /// A proxy's pages; what it says to a command, and how its route stands.
  private static func pages(
    backend: String = "old", cutover: String = "null",
    _ answer: StubServer.Reply = .body("commerce/- is held, to be switched to new\n")
  ) async throws -> StubServer {
    try await StubServer { path in
      guard path == "/cutover" else { return answer }
      return .body(
        #"[{"route": "commerce/-", "backend": "\#(backend)", "inFlight": 0, "cutover": \#(cutover)}]"#
      )
    }
  }

  private static let holding =
    #"{"phase": "holding", "from": "old", "to": "new", "started": 1795000000}"#

  private struct Done {
    let report: ActionReport
    let commands: [String]
    let heads: [String]
    let audit: [[String: Any]]
  }

  private static func order(_ step: CutoverOrder.Step, _ port: Int) -> CutoverOrder {
    CutoverOrder(
      step, of: route, from: "old", to: "new", at: Address(host: "127.0.0.1", port: port))
  }

  private static func perform(
    _ step: CutoverOrder.Step, knowingItUndecided: Bool = false, at server: StubServer,
    token: String? = "s3cret", isLogWritable: Bool = true
  ) async throws -> Done {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = isLogWritable ? "\(folder.path)/audit.jsonl" : "/dev/null/audit.jsonl"
    let runner = ActionRunner(
      vtctld: nil, proxyToken: token.flatMap { HTTPCredentials("Bearer \($0)") },
      audit: AuditLog(path: path, cluster: "lab"),
      now: { Instant(secondsSinceEpoch: 1_795_000_001) })
    var order = order(step, server.port)
    order.knowsOfDoubt = knowingItUndecided
    let report = await runner.perform(.cutover(order), progress: quietly)
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let audit = text.split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    let done = Done(
      report: report, commands: server.requests.filter { $0 != "/cutover" }, heads: server.heads,
      audit: audit)
    await server.stop()
    return done
  }

  @Test func aStartIsSentOnceAndLoggedBefore() async throws {
    let done = try await Self.perform(.start(isUnbuffered: false), at: Self.pages())
    #expect(done.report.outcome == .done, "\(done.report)")
    #expect(done.report.said == "commerce/- is held, to be switched to new")
    #expect(done.commands == ["/cutover/start?route=commerce%2F-&to=new"])
    let command = try #require(done.heads.last { $0.hasPrefix("POST") })
    #expect(command.lowercased().contains("authorization: bearer s3cret"))
    #expect(done.audit.map { $0["phase"] as? String } == ["intent", "result"])
    #expect(
      done.audit.first?["call"] as? String == "POST /cutover/start?route=commerce%2F-&to=new")
    #expect(done.audit.last?["outcome"] as? String == "done")
    // The token is in no line.
    #expect(!"\(done.audit)".contains("s3cret"))
  }

  @Test(
    arguments: [
      (.start(isUnbuffered: true), "null", "start?route=commerce%2F-&to=new&unbuffered=true"),
      (.carryThrough(isChecked: true, ending: nil), holding, "switch?route=commerce%2F-"),
      (
        .carryThrough(isChecked: false, ending: 3), holding,
        "switch?route=commerce%2F-&check=false&force=3"
      ),
      (.cancel, holding, "cancel?route=commerce%2F-"),
    ] as [(CutoverOrder.Step, String, String)])
  func theStepIsWhatTheShellSends(
    _ step: CutoverOrder.Step, _ cutover: String, _ command: String
  ) async throws {
    let done = try await Self.perform(step, at: Self.pages(cutover: cutover))
    #expect(done.commands == ["/cutover/\(command)"])
  }

  @Test func whatHasChangedMeanwhileIsNotSent() async throws {
    let moved = try await Self.perform(
      .start(isUnbuffered: false), at: Self.pages(backend: "new"))
    #expect(moved.report.outcome == .notSent && moved.commands.isEmpty && moved.audit.isEmpty)
    #expect(moved.report.said.contains("leads to new by now, not to old"))
    let over = try await Self.perform(.cancel, at: Self.pages())
    #expect(over.report.outcome == .notSent && over.commands.isEmpty)
    #expect(over.report.said == "nothing was sent: no cutover of commerce/- is under way")
    let other = try await Self.perform(
      .carryThrough(isChecked: true, ending: nil),
      at: Self.pages(
        cutover: #"{"phase": "holding", "from": "old", "to": "third", "started": 1795000000}"#))
    #expect(other.report.outcome == .notSent && other.commands.isEmpty)
  }

  /// To go back then may mean two servers that take writes, which nobody has confirmed.
  @Test(arguments: [false, true]) func whatHasBecomeUndecidedIsCancelledKnowingly(
    _ isKnown: Bool
  ) async throws {
    let done = try await Self.perform(
      .cancel, knowingItUndecided: isKnown,
      at: Self.pages(cutover: Self.holding.replacing("holding", with: "undecided")))
    #expect(done.report.outcome == (isKnown ? .done : .notSent), "\(done.report)")
    #expect(done.commands.count == (isKnown ? 1 : 0))
    #expect(isKnown || done.report.said.contains("whether new takes writes already is not known"))
  }

  @Test func whatIsNotLoggedIsNotSent() async throws {
    let done = try await Self.perform(
      .start(isUnbuffered: false), at: Self.pages(), isLogWritable: false)
    #expect(done.report.outcome == .notSent && done.commands.isEmpty)
    let open = try await Self.perform(.start(isUnbuffered: false), at: Self.pages(), token: nil)
    #expect(open.report.outcome == .notSent && open.heads.isEmpty)
  }

  @Test(arguments: [401, 409]) func aRefusalIsInTheProxysWords(_ status: Int) async throws {
    let done = try await Self.perform(
      .start(isUnbuffered: false), at: Self.pages(.body("it would not\nmore", status: status)))
    #expect(done.report.outcome == .failed)
    #expect(done.report.said == "answered \(status): it would not")
    #expect(done.audit.last?["outcome"] as? String == "failed")
  }

  /// It may have been carried out: nothing is sent again, and how the route stands is told.
  @Test(arguments: [StubServer.Reply.hangUp, .body("bad gateway", status: 502)])
  func anAnswerThatIsLostLeavesAQuestion(_ reply: StubServer.Reply) async throws {
    let done = try await Self.perform(
      .carryThrough(isChecked: true, ending: nil), at: Self.pages(cutover: Self.holding, reply))
    #expect(done.report.outcome == .unknown)
    #expect(done.commands.count == 1)
    #expect(
      done.report.said.hasSuffix("is not known; leads to old; cutover from old to new: holding"))
    #expect(done.audit.map { $0["phase"] as? String } == ["intent", "result", "observed"])
  }
}
