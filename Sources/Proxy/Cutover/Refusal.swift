internal import Terms

/// Why a statement does not run, in vtgate's words where vtgate has words for it.
///
/// Source: go/vt/vtgate/tabletgateway.go and go/vt/vtgate/buffer, v18 to v20.
package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// The code under which vtgate counts it in `vtgate_api_error_counts`.
  package enum Code: String, Sendable {
    case unavailable = "UNAVAILABLE"
    case clusterEvent = "CLUSTER_EVENT"
    case failedPrecondition = "FAILED_PRECONDITION"
  }

  package let code: Code
  package let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// The buffer itself gave the statement up.
  static func buffer(_ text: String, _ route: ShardName) -> Refusal {
    of(
      route, .unavailable,
      "failed to automatically buffer and retry failed request during failover. "
        + "original err (type=<nil>): <nil>: \(text)")
  }

  /// It waited as long as anything may, or could not be buffered during a cutover.
  static func notServing(_ route: ShardName) -> Refusal {
    of(
      route, .clusterEvent, "primary is not serving, there is a reparent operation in progress")
  }

  /// The proxy takes nothing new: it is being stopped.
  package static let stopping = Refusal(.unavailable, "Server shutdown in progress")

  /// Its backend is down and nothing may be buffered.
  static func noHealthyBackend(_ route: ShardName) -> Refusal {
    of(
      route, .unavailable,
      "no healthy tablet available for 'keyspace:\"\(route.keyspace)\" shard:\"\(route.shard)\" "
        + "tablet_type:PRIMARY'")
  }

  private static func of(_ route: ShardName, _ code: Code, _ text: String) -> Refusal {
    Refusal(code, "target: \(route.keyspace).\(route.shard).primary: \(text)")
  }
}
