import FleetModel
@testable import Operations
import Synchronization
import Terms
import Testing
import VtctldClient

@Suite struct RoutingReaderTests {
  private static let start = Instant(secondsSinceEpoch: 1_795_000_000)

  private static func failure(_ kind: CallFailure.Kind) -> WorkflowsUntold {
    WorkflowsUntold(
      keyspace: "customer",
      CallFailure(kind, .vtctld(Address(host: "vtctld", port: 15999)), .reported("gone")))
  }

  private static func remarks(_ news: [Observation.News]) -> [String] {
    news.compactMap { piece in
      guard case .event(let event) = piece, case .remark(_, let words) = event.kind else {
        return nil
      }
      return words
    }
  }

  @Test func aKeyspaceThatHidesAllWorkflowsIsNamedOnceUntilItAnswers() async {
    let untold = Mutex<WorkflowsUntold?>(Self.failure(.lost))
    let reader = RoutingReader { _, _ in ([:], untold.withLock { $0 }) }
    let said = Self.remarks(await reader.news(at: Self.start))
    #expect(said.count == 1 && said.first?.contains("those into customer cannot be read") == true)
    #expect(Self.remarks(await reader.news(at: Self.start)).isEmpty)
    untold.withLock { $0 = nil }
    #expect(Self.remarks(await reader.news(at: Self.start)).isEmpty)
    untold.withLock { $0 = Self.failure(.lost) }
    #expect(Self.remarks(await reader.news(at: Self.start)).count == 1)
  }

  /// It may be upgraded, or another of several may answer.
  @Test func aServerThatDoesNotKnowTheCallIsAskedAgainAfterAnHour() async {
    let asked = Mutex<[Bool]>([])
    let reader = RoutingReader { _, withWorkflows in
      asked.withLock { $0.append(withWorkflows) }
      return ([:], withWorkflows ? Self.failure(.unimplemented) : nil)
    }
    for minute in [0, 1, 59, 60, 61] {
      let news = await reader.news(at: Self.start + .seconds(60 * minute))
      #expect(Self.remarks(news).isEmpty)
    }
    #expect(asked.withLock { $0 } == [true, false, false, true, false])
  }
}
