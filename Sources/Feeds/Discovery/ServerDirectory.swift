package import FleetModel
internal import Wording

/// A server that is asked for a list of others: vtctld for topo's records, vtadmin for its vtgates.
package struct ServerDirectory: DiscoverySource {
  package let source: ServerSource
  package let pause: Duration
  private let name: String
  private let list: @Sendable () async throws(CallFailure) -> ServerList
  private var last: ServerList?

  /// `name`: before what is said of it; `list`: asks for all that it lists.
  init(
    _ source: ServerSource, _ name: String, pause: Duration,
    _ list: @escaping @Sendable () async throws(CallFailure) -> ServerList
  ) {
    (self.source, self.name, self.pause, self.list) = (source, name, pause, list)
  }

  @concurrent package mutating func look() async throws(DiscoveryFault) -> ServerList? {
    let list: ServerList
    do throws(CallFailure) {
      list = try await self.list()
    } catch {
      throw DiscoveryFault(error.namesWhom ? nil : name, Wording().words(error))
    }
    guard list != last else { return nil }
    last = list
    return list
  }
}

extension CallFailure {
  /// Whether its words begin with the server that was called.
  fileprivate var namesWhom: Bool {
    if case .each(let failures) = cause { return failures.allSatisfy(\.namesWhom) }
    return callee != nil
  }
}
