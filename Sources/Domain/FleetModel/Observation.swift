package import Terms

/// Something that was observed of a cluster: all that is known of it comes as one of these.
package struct Observation: Sendable, Equatable, Codable {
  package enum News: Sendable, Equatable, Codable {
    /// A server is asked from now on.
    case watching(Target)
    /// A server answered, or did not.
    case outcome(ScrapeOutcome)
    /// A server left the topology and is asked no more.
    case forgot(Target)
    /// How the asking goes.
    case pace(Pace)
    /// What the topology holds of all keyspaces.
    case topo([TopoKeyspace])
    /// What it holds of where shards' writes go.
    case routings([ShardName: ShardRouting])
    /// Why that cannot be had.
    case topoFailed(CallFailure)
    /// Something that no server told, such as what came of an action.
    case event(FleetEvent)
  }

  /// The cluster that it is of, as the operator calls it.
  package let cluster: String
  package let at: Instant
  package let news: News

  package init(of cluster: String, at instant: Instant, _ news: News) {
    self.cluster = cluster
    at = instant
    self.news = news
  }
}
