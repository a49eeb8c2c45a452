/// How polling went in the last second or so.
package struct Pace: Sendable, Equatable, Codable {
  /// Requests to all servers together.
  package var requestsPerSecond = 0
  /// The longest time between two polls of one vtgate, among those not watched closely.
  package var vtgateInterval: Duration = .zero
  /// The same for vttablets.
  package var tabletInterval: Duration = .zero

  /// The most requests in any second, to all servers together; 0 when not known.
  package var budget = 0
  /// The same to one server.
  package var targetBudget = 0

  /// Who tells of the servers in our place; nil where they are asked here.
  package var relay: Relay?

  package init() {}
}
