extension Lag {
  /// Why a lag has no value, or why its value is not the gauge's.
  ///
  /// Has no number that moves.
  package enum Caveat: Sendable, Equatable, Codable {
    // What a tablet shows by itself.
    case notPolled
    case noAnswer
    case failure(ScrapeFailure)
    case throttlerDisabled
    /// From v22 on nothing tells which of the two.
    case throttlerOffOrClosed
    case throttlerClosed
    case notCollected

    // What a tablet shows in the light of the others.
    /// It is the primary, which writes none now: its gauge is their age and no lag.
    case writesNoHeartbeats
    case clockBehindPrimary
    case noHeartbeatEver
    /// Another witness than the heartbeats speaks.
    case other(Witness, HeartbeatGap)
    case notKnown(HeartbeatGap)
    /// Nobody asks, and whether heartbeats are written the primary does not tell.
    case notKnownWhetherWritten

    // What decides for a shard.
    case primaryTellsNone(DefaultMetric)
    case noTablets
    case noReplicas
    /// The others tell; from these nothing is known.
    case noData(from: [TabletName])
  }

  /// Why heartbeats do not come, so that a gauge is no lag.
  package enum HeartbeatGap: Sendable, Hashable, Codable {
    case noPrimary
    case nobodyAsks
    case unexplained
  }
}

extension Lag.Caveat {
  /// What it is called where programs read it; it never changes.
  package enum Name: String, Sendable, CaseIterable {
    case notPolled = "not-polled"
    case noAnswer = "no-answer"
    case failure
    case throttlerDisabled = "throttler-disabled"
    case throttlerOffOrClosed = "throttler-off-or-closed"
    case throttlerClosed = "throttler-closed"
    case notCollected = "not-collected"
    case writesNoHeartbeats = "writes-no-heartbeats"
    case clockBehindPrimary = "clock-behind-primary"
    case noHeartbeatEver = "no-heartbeat-ever"
    case otherWitness = "other-witness"
    case notKnown = "not-known"
    case primaryTellsNone = "primary-tells-none"
    case noTablets = "no-tablets"
    case noReplicas = "no-replicas"
    case noData = "no-data"
  }

  package var name: Name {
    switch self {
    case .notPolled: .notPolled
    case .noAnswer: .noAnswer
    case .failure: .failure
    case .throttlerDisabled: .throttlerDisabled
    case .throttlerOffOrClosed: .throttlerOffOrClosed
    case .throttlerClosed: .throttlerClosed
    case .notCollected: .notCollected
    case .writesNoHeartbeats: .writesNoHeartbeats
    case .clockBehindPrimary: .clockBehindPrimary
    case .noHeartbeatEver: .noHeartbeatEver
    case .other: .otherWitness
    case .notKnown, .notKnownWhetherWritten: .notKnown
    case .primaryTellsNone: .primaryTellsNone
    case .noTablets: .noTablets
    case .noReplicas: .noReplicas
    case .noData: .noData
    }
  }
}
