internal import FleetModel
internal import Terms
internal import VtctldClient
internal import Wording

/// Reads again and again where all shards' writes go, with the workflows that could change that.
///
/// Each keyspace and each workflow costs a call that may take seconds, so it works beside whoever asks.
actor RoutingReader {
  /// How long a server that does not know the call for workflows is not asked for them.
  private static let refusalAge: Duration = .seconds(3600)

  typealias Read =
    @Sendable (_ at: Instant, _ withWorkflows: Bool) async throws(CallFailure) -> (
      routings: [ShardName: ShardRouting], untold: WorkflowsUntold?
    )

  private let read: Read
  private var isReading = false
  private var workflowsAt: Instant?
  /// The keyspace of whose workflows it was said last that nothing is told.
  private var untold: String?

  init(_ read: @escaping Read) { self.read = read }

  /// What is read, or nothing while the last reading goes on.
  func news(at now: Instant) async -> [Observation.News] {
    guard !isReading else { return [] }
    isReading = true
    defer { isReading = false }
    do throws(CallFailure) {
      let asksWorkflows = workflowsAt.map { now >= $0 } ?? true
      let read = try await self.read(now, asksWorkflows)
      let remark = asksWorkflows ? remark(on: read.untold, at: now) : nil
      return [.routings(read.routings)] + [remark].compactMap(\.self)
    } catch {
      return [.topoFailed(error)]
    }
  }

  /// Says once of a keyspace that it keeps all workflows from being known.
  private func remark(on fault: WorkflowsUntold?, at now: Instant) -> Observation.News? {
    defer { untold = fault?.keyspace }
    guard let fault else { return nil }
    guard fault.failure.kind != .unimplemented else {
      workflowsAt = now + Self.refusalAge
      return nil
    }
    guard untold != fault.keyspace else { return nil }
    let words =
      "workflows are not known: those into \(fault.keyspace) cannot be read: "
      + Wording().words(fault.failure)
    return .event(FleetEvent(at: now, .remark(.warning, words)))
  }
}
