extension Lag {
  /// Why a lag has no value, or why its value is not the gauge's.
  ///
  /// Holds no number that keeps changing.
  package enum Caveat: Sendable, Equatable, Codable {
    // What a tablet shows on its own.
    case notPolled
    case noAnswer
    case failure(ScrapeFailure)
    case throttlerDisabled
    /// From v22 on there is no telling which of the two it is.
    case throttlerOffOrClosed
    case throttlerClosed
    case notCollected
    /// A database server behind a proxy that does not say how far it is behind.
    case serverTellsNone

    // What a tablet shows in the light of the others.
    /// It is the primary, which is writing none: its gauge is their age and not lag.
    case writesNoHeartbeats
    case clockBehindPrimary
    case noHeartbeatEver
    /// A witness other than the heartbeats speaks.
    case other(Witness, HeartbeatGap)
    case notKnown(HeartbeatGap)
    /// Nobody asks, and the primary does not report whether heartbeats are written.
    case notKnownWhetherWritten

    // What decides for a shard.
    indirect case primaryTellsNone(DefaultMetric)
    case noTablets
    case noReplicas
    /// The others report; nothing is known from these.
    case noData(from: [TabletName])
  }

  /// Why heartbeats are missing, so that a gauge is not lag.
  package enum HeartbeatGap: Sendable, Hashable, Codable {
    case noPrimary
    case nobodyAsks
    case unexplained
  }
}

extension Lag.Caveat {
  /// Its name in machine-readable output, which never changes.
  package enum Name: String, Sendable, CaseIterable {
    case notPolled = "not-polled"
    case noAnswer = "no-answer"
    case failure
    case throttlerDisabled = "throttler-disabled"
    case throttlerOffOrClosed = "throttler-off-or-closed"
    case throttlerClosed = "throttler-closed"
    case notCollected = "not-collected"
    case serverTellsNone = "server-tells-none"
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
    case .serverTellsNone: .serverTellsNone
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
