package import Terms

/// Something that was observed of a cluster: everything known about it arrives as one of these.
package struct Observation: Sendable, Equatable, Codable {
  package enum News: Sendable, Equatable, Codable {
    /// A server is polled from now on.
    case watching(Target)
    /// A server answered, or did not.
    case outcome(ScrapeOutcome)
    /// A server left the topology and is no longer polled.
    case forgot(Target)
    /// How polling is going.
    case pace(Pace)
    /// What the topology says about all keyspaces.
    case topo([TopoKeyspace])
    /// The records of all shards, where who names servers tells them.
    case shards([ShardName: TopoShard])
    /// How somebody stands who names servers.
    case source(ServerSource, SourceStanding)
    /// What it says about where shards' writes go.
    case routings([ShardName: ShardRouting])
    /// Why the topology cannot be read.
    case topoFailed(CallFailure)
    /// Something that no server reported, such as the result of an action.
    case event(FleetEvent)
  }

  /// The cluster it concerns, as the operator calls it.
  package let cluster: String
  package let at: Instant
  package let news: News

  package init(of cluster: String, at instant: Instant, _ news: News) {
    self.cluster = cluster
    at = instant
    self.news = news
  }
}
