package import Cutover
package import NIOCore
package import Terms

/// What the server needs of a protocol: sessions for clients, and a look at backends.
package protocol ProtocolFront: Sendable {
  /// Puts a session's handlers into the pipeline of a new client; called on its event loop.
  func welcome(_ client: any Channel, _ listener: ProxyConfiguration.Listener) throws

  /// Looks at a backend, in no more than the time given.
  func examine(_ backend: ProxyConfiguration.Backend, within limit: Duration) async -> Examination

  /// Returns once `to` has everything of a route that `from` has, where one replicates from the other;
  /// changes nothing.
  ///
  /// Throws when it does not within the time given, or when that cannot be found out.
  func catchUp(
    _ route: ShardName, from: ProxyConfiguration.Backend, to: ProxyConfiguration.Backend,
    within limit: Duration
  ) async throws(Refusal)

  /// Has a backend that has caught up take writes, where it does not by itself: the point of no
  /// return. It may be asked for again.
  ///
  /// `limit`: of each question to it.
  func takeOver(_ backend: ProxyConfiguration.Backend, within limit: Duration) async -> TakeOver

  /// A route has another backend since just now, for sessions that have nothing under way.
  func switched(_ route: ShardName)

  /// Ends at once the sessions that have one of these in flight on a route, and has its servers end it,
  /// also where its client has left.
  ///
  /// Returns when no session can send any more of it and the servers have been told, with those that
  /// could not be.
  func breakOff(_ works: Set<Gate.WorkID>, of route: ShardName) async
    -> [(backend: BackendName, why: String)]

  /// Ends sessions that have nothing in flight, the others once they have not, and all that are left
  /// after the time given.
  func stop(within limit: Duration) async

  /// Makes what it needs of a changed configuration, and returns what puts that in force.
  ///
  /// Throws what is wrong with a certificate.
  func adopting(_ configuration: ProxyConfiguration) throws -> @Sendable () -> Void

  /// Connections of sessions to backends.
  var connections: [BackendName: Int] { get }
}

/// What became of having a backend take over.
package enum TakeOver: Sendable, Equatable {
  case done
  /// It has not taken over, and will not for having been asked.
  case refused(String)
  /// It may have taken over, or may do so yet.
  case unknown(String)
}

extension ProtocolFront {
  package func takeOver(
    _ backend: ProxyConfiguration.Backend, within limit: Duration
  ) async -> TakeOver { .done }

  package func switched(_ route: ShardName) {}
}

/// What a backend said of itself.
package struct Examination: Sendable, Equatable {
  /// Whether it answers, be it with a refusal.
  package var isUp: Bool
  /// What is wrong with it; nil when nothing is.
  package var fault: String?
  /// Nil where it did not say.
  package var isReadOnly: Bool?
  /// Whether it is set up to follow another server; nil where it did not say.
  package var replicates: Bool?
  /// How far it is behind the server that it replicates from; nil where it replicates from none, or
  /// does not know.
  package var lag: Duration?
  package var version: String?

  package init(isUp: Bool, fault: String? = nil) {
    self.isUp = isUp
    self.fault = fault
  }
}
