package import Terms

/// One tablet of a shard.
package struct TabletView: Sendable, Equatable, Codable {
  package let alias: TabletAlias?
  package let address: Address?
  package let type: TabletType
  package let isPrimary: Bool
  /// As the vtgates see it; nil when none reports it.
  package let isServing: Bool?
  /// As the tablet itself reports it; nil when it does not.
  package let serverState: TabletServerState?
  package let isFresh: Bool
  package let failure: ScrapeFailure?
  package private(set) var throttler: ThrottlerReading?
  /// What the health stream reported to the vtgates, whole seconds.
  package let healthLag: Int?
  /// What the tablet's replication status says, whole seconds.
  package let replicationLag: Double?
  /// When the newest heartbeat that it has applied was written, seconds since the epoch; nil when
  /// it does not report that.
  package let newestHeartbeat: Double?
  /// Who answers at its address, if that is somebody else.
  package let occupant: Occupant?
  package internal(set) var lag: Lag
  /// Some vtgate lists it, none has ever heard from it, and it has never answered here.
  let isDeadRecord: Bool
  /// Whether it considers itself primary; nil when it does not say.
  let claimsPrimary: Bool?
  /// The database server that it is, behind a proxy; nil for a tablet.
  package let database: DatabaseServer?

  /// A tablet that has taken over the address of another, whose old record is still around.
  package struct Occupant: Sendable, Hashable, Codable {
    /// Nil when only its shard is known.
    package let alias: TabletAlias?
    package let shard: ShardName?

    package init(alias: TabletAlias?, shard: ShardName?) {
      self.alias = alias
      self.shard = shard
    }

    /// Nil when the tablet that answers is the listed one, as far as both tell.
    init?(of record: GatewayTablet, answering reading: TabletReading) {
      let isOther =
        reading.alias.map { $0 != record.alias } ?? false
        || reading.shard.map { $0 != record.shard } ?? false
      guard isOther else { return nil }
      self.init(alias: reading.alias, shard: reading.shard)
    }
  }

  /// Takes from its keyspace's record whose value its checks look at.
  mutating func take(_ topo: TopoKeyspace?) {
    let inTopo = topo.map { $0.throttler?.checkAsCheckSelf ?? false }
    guard let metric = throttler?.metric(checkingItself: inTopo) else { return }
    throttler?.metric = metric
    lag.metric = metric
  }

  /// How far it is behind: its own lag, or what others know if its throttler reports none.
  package var replicaLag: Lag {
    // If the throttler contradicts the others, they were already heard: see ``LagWitnesses``.
    let isTold = lag.metric.isLag && (lag.value != nil || newestHeartbeat != nil)
    guard !isTold, !isPrimary, occupant == nil else { return lag }
    var known = Lag(value: nil, caveat: lag.isCustomMetric ? nil : lag.caveat)
    if let other { (known.value, known.witness) = (other.seconds, other.witness) }
    return known
  }

  /// The greater of the replication status and the health stream, leaving out numbers that stand
  /// for "not known".
  var other: (seconds: Double, witness: Lag.Witness)? {
    let told: [(seconds: Double?, witness: Lag.Witness)] = [
      (replicationLag, .replicationStatus), (healthLag.map(Double.init), .healthStream),
    ]
    return told.compactMap { told in
      told.seconds.flatMap { $0.isPlausibleLag ? ($0, told.witness) : nil }
    }.max { $0.0 < $1.0 }
  }

  /// Its throttler's gauge cannot be read, and what others say stands in for it: nobody asks its
  /// throttler, or it has no page, as behind a proxy, and a vtgate lists it.
  var hasNoGauge: Bool {
    address == nil ? isServing != nil : throttler?.source == .unasked && isFresh
  }

  package var name: TabletName { TabletName(alias, at: address) }
  package var label: String { name.label }
}

extension TabletView {
  init(
    _ record: GatewayTablet?, isCurrent: Bool, _ state: TabletState?, primary: TabletAlias?
  ) {
    let answer = state?.watched.value
    let occupant = record.flatMap { record in
      answer.flatMap { Occupant(of: record, answering: $0) }
    }
    // What somebody else says at that address says nothing about this tablet.
    let reading = occupant == nil ? answer : nil
    let isFresh = occupant == nil && state?.isFresh ?? false
    alias = record?.alias ?? reading?.alias
    address = record?.address ?? state?.address
    type = record?.type ?? reading?.type ?? .unknown
    isPrimary = alias != nil && alias == primary
    isServing = isCurrent ? record?.isServing : nil
    serverState = isFresh ? reading?.serverState : nil
    self.isFresh = isFresh
    self.occupant = occupant
    failure =
      occupant.map { .answersAsAnother($0) } ?? state?.watched.failure
    throttler = reading?.throttler
    // A stream that broke leaves behind what it had reported.
    healthLag = record.flatMap { $0.hasError ? nil : $0.replicationLag }
    database = record?.database
    replicationLag = isFresh ? reading?.replicationLag : nil
    isDeadRecord =
      record?.hasBeenHeard == false && answer == nil && state?.watched.failure != nil
    claimsPrimary =
      reading?.throttler.isLeader == true ? true : reading?.type.map { $0 == .primary }
    lag =
      database == nil
      ? Lag.ofTablet(throttler, isFresh: isFresh, failure: failure)
      : Lag(value: nil, caveat: .serverTellsNone)
    newestHeartbeat =
      if let age = lag.value, lag.metric.isLag, let readAt = state?.watched.readAt {
        readAt.secondsSinceEpoch - age
      } else {
        nil
      }
  }

  /// Whether the tablet that answers is the one this view is about.
  func shows(_ state: TabletState) -> Bool {
    occupant == nil && address == state.address
  }
}
