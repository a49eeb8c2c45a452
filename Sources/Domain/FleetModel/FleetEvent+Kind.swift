package import Terms

extension FleetEvent {
  /// What happened, with its subjects.
  ///
  /// Two events are the same news when shard, kind and subjects are the same.
  package enum Kind: Sendable, Equatable, Codable {
    // What vtgates' counters prove; their sources are the vtgates.
    case vtgateRestarted
    /// Several processes answer at one address.
    case severalProcesses
    case buffering(BufferStep)
    /// The same for shards that a vtgate counts together (`--stats_combine_dimensions`); nil stands
    /// for any keyspace.
    case combinedBuffering(BufferStep, keyspace: String?)
    /// Client errors of these vtrpc codes, sorted, while nobody buffers.
    case clientErrorsRise(codes: [String])

    // What vtgates see of a shard's primary.
    case primaryChanged(to: TabletAlias, from: TabletAlias)
    case primaryUnseen
    case primaryServesAgain(TabletAlias)
    case disagreement(Disagreement)
    case agreement(Disagreement)
    /// Requests of the keyspace's other shards are held until this one has a primary.
    case othersWait

    // What a proxy reports.
    /// It began, or is further; the source is the proxy.
    case cutover(ProxyCutover)

    // What a shard's tablets report.
    /// `replica`: the one that causes it; nil when the leader's maximum or the primary decides.
    case lagOverThreshold(Lag, replica: TabletName?)
    case lagBackUnderThreshold(DefaultMetric)
    /// A primary reports that it serves only in part or not at all.
    case primaryServesLess(TabletName, TabletServerState)
    case primaryServesFully(TabletName)
    case addressTakenOver(TabletName, by: TabletView.Occupant)

    // Servers that answer, or do not.
    case noAnswer(Target, ScrapeFailure)
    case answersAgain(Target, after: Duration)
    /// The sources are the tablets.
    case tabletsSilent(ScrapeFailure)
    /// The sources are the tablets, and how long each was silent.
    case tabletsAnswerAgain
    /// Records of tablets that nobody has heard from.
    case deadRecords
    case tabletLeft(TabletName)
    case vtgateLeft(Target)
    /// The sources are the servers; the cell is that which all of them are said to be in.
    case serversNamed(Target.Kind, cell: String?, by: ServerSource)
    /// Somebody else names them still.
    case serversNoLongerNamed(Target.Kind, by: ServerSource)
    case blind
    case sightRegained(after: Duration)
    case shardBlind
    case shardSeenAgain

    // The server that tells of the others.
    case relayFails(Address, RelayFault)
    /// It tells of vtgates alone.
    case relayHidesTablets(Address, RelayFault)
    case relayTellsAgain(Address, after: Duration)
    case staysRelayed(Relay.Unreached)

    /// Vtctld tells nothing of the topology.
    case topoUnread(CallFailure)

    /// A workflow could be switched now, or half of it is: `shards` that its writes would leave are
    /// watched closely for a while.
    case switchNear(workflow: String, isHalfWay: Bool, shards: Int, closelyFor: Duration)

    // What was done here.
    case baselineSet, baselineRemoved
    /// Of a shard, or of what else is named.
    case acknowledged(FleetCheck.Subject)
    case acknowledgementWithdrawn(FleetCheck.Subject)
    /// What was acknowledged is not as it was.
    case acknowledgedDiffers(FleetCheck.Subject)
    case acknowledgedOver(FleetCheck.Subject)
    case actionsAllowed(for: Duration)
    case actionsForbidden
    /// An action in its own words.
    case actionBegun(String)
    /// `outcome` and `verdict` as in the action's report.
    case actionEnded(Severity, outcome: String, action: String, verdict: String)
    /// What the operator noted.
    case noted(String)
    /// Free text.
    case remark(Severity, String)
  }

  /// What a vtgate's buffer did for a shard.
  package enum BufferStep: Sendable, Equatable, Codable {
    /// It was already buffering when it was first read.
    case goingOn
    /// How many failovers began and ended between two polls.
    case passed(Int)
    case started
    case ended(StopReason)
    case evicted(EvictReason)
    case notBuffered(SkipReason)
    case drained
  }
}

extension FleetEvent.Kind {
  package var isAboutLag: Bool {
    switch self {
    case .lagOverThreshold, .lagBackUnderThreshold: true
    default: false
    }
  }

  package var severity: FleetEvent.Severity {
    switch self {
    case .buffering(let step), .combinedBuffering(let step, _): step.severity
    case .disagreement(let found): found.severity
    case .cutover(let cutover):
      cutover.isUndone ? .warning : cutover.phase == .switched ? .good : .notice
    case .actionEnded(let severity, _, _, _), .remark(let severity, _): severity
    case .othersWait, .blind, .shardBlind: .critical
    case .vtgateRestarted, .severalProcesses, .clientErrorsRise, .primaryUnseen, .lagOverThreshold,
      .primaryServesLess, .addressTakenOver, .noAnswer, .tabletsSilent, .relayFails,
      .relayHidesTablets, .staysRelayed, .topoUnread, .acknowledgedDiffers, .actionsAllowed:
      .warning
    case .primaryChanged, .primaryServesAgain, .agreement, .lagBackUnderThreshold,
      .primaryServesFully, .answersAgain, .tabletsAnswerAgain, .sightRegained, .shardSeenAgain,
      .relayTellsAgain, .acknowledgedOver:
      .good
    case .deadRecords, .tabletLeft, .vtgateLeft, .switchNear, .serversNamed, .serversNoLongerNamed,
      .baselineSet,
      .baselineRemoved, .acknowledged,
      .acknowledgementWithdrawn, .actionsForbidden, .actionBegun, .noted:
      .notice
    }
  }

  /// A kind's name in machine-readable output, which never changes.
  ///
  /// Events about shards that are counted together have the same names as the others.
  package enum Name: String, Sendable, CaseIterable {
    case vtgateRestarted = "vtgate-restarted"
    case severalProcesses = "several-processes"
    case bufferingGoingOn = "buffering-going-on"
    case failoversBetweenPolls = "failovers-between-polls"
    case bufferingStarted = "buffering-started"
    case bufferingEnded = "buffering-ended"
    case requestsEvicted = "requests-evicted"
    case requestsNotBuffered = "requests-not-buffered"
    case requestsDrained = "requests-drained"
    case clientErrorsRise = "client-errors-rise"
    case primaryChanged = "primary-changed"
    case primaryUnseen = "primary-unseen"
    case primaryServesAgain = "primary-serves-again"
    case disagreement
    case agreement
    case othersWait = "others-wait"
    case cutover
    case lagOverThreshold = "lag-over-threshold"
    case lagBackUnderThreshold = "lag-back-under-threshold"
    case primaryServesLess = "primary-serves-less"
    case primaryServesFully = "primary-serves-fully"
    case addressTakenOver = "address-taken-over"
    case noAnswer = "no-answer"
    case answersAgain = "answers-again"
    case tabletsSilent = "tablets-silent"
    case tabletsAnswerAgain = "tablets-answer-again"
    case deadRecords = "dead-records"
    case tabletLeft = "tablet-left"
    case vtgateLeft = "vtgate-left"
    case serversNamed = "servers-named"
    case serversNoLongerNamed = "servers-no-longer-named"
    case blind
    case sightRegained = "sight-regained"
    case shardBlind = "shard-blind"
    case shardSeenAgain = "shard-seen-again"
    case relayFails = "relay-fails"
    case relayHidesTablets = "relay-hides-tablets"
    case relayTellsAgain = "relay-tells-again"
    case staysRelayed = "stays-relayed"
    case topoUnread = "topo-unread"
    case switchNear = "switch-near"
    case baselineSet = "baseline-set"
    case baselineRemoved = "baseline-removed"
    case acknowledged
    case acknowledgementWithdrawn = "acknowledgement-withdrawn"
    case acknowledgedDiffers = "acknowledged-differs"
    case acknowledgedOver = "acknowledged-over"
    case actionsAllowed = "actions-allowed"
    case actionsForbidden = "actions-forbidden"
    case actionBegun = "action-begun"
    case actionEnded = "action-ended"
    case noted
    case remark
  }

  package var name: Name {
    switch self {
    case .vtgateRestarted: .vtgateRestarted
    case .severalProcesses: .severalProcesses
    case .buffering(let step), .combinedBuffering(let step, _): step.name
    case .clientErrorsRise: .clientErrorsRise
    case .primaryChanged: .primaryChanged
    case .primaryUnseen: .primaryUnseen
    case .primaryServesAgain: .primaryServesAgain
    case .disagreement: .disagreement
    case .agreement: .agreement
    case .othersWait: .othersWait
    case .cutover: .cutover
    case .lagOverThreshold: .lagOverThreshold
    case .lagBackUnderThreshold: .lagBackUnderThreshold
    case .primaryServesLess: .primaryServesLess
    case .primaryServesFully: .primaryServesFully
    case .addressTakenOver: .addressTakenOver
    case .noAnswer: .noAnswer
    case .answersAgain: .answersAgain
    case .tabletsSilent: .tabletsSilent
    case .tabletsAnswerAgain: .tabletsAnswerAgain
    case .deadRecords: .deadRecords
    case .tabletLeft: .tabletLeft
    case .vtgateLeft: .vtgateLeft
    case .serversNamed: .serversNamed
    case .serversNoLongerNamed: .serversNoLongerNamed
    case .blind: .blind
    case .sightRegained: .sightRegained
    case .shardBlind: .shardBlind
    case .shardSeenAgain: .shardSeenAgain
    case .relayFails: .relayFails
    case .relayHidesTablets: .relayHidesTablets
    case .relayTellsAgain: .relayTellsAgain
    case .staysRelayed: .staysRelayed
    case .topoUnread: .topoUnread
    case .switchNear: .switchNear
    case .baselineSet: .baselineSet
    case .baselineRemoved: .baselineRemoved
    case .acknowledged: .acknowledged
    case .acknowledgementWithdrawn: .acknowledgementWithdrawn
    case .acknowledgedDiffers: .acknowledgedDiffers
    case .acknowledgedOver: .acknowledgedOver
    case .actionsAllowed: .actionsAllowed
    case .actionsForbidden: .actionsForbidden
    case .actionBegun: .actionBegun
    case .actionEnded: .actionEnded
    case .noted: .noted
    case .remark: .remark
    }
  }
}

extension FleetEvent.BufferStep {
  fileprivate var severity: FleetEvent.Severity {
    switch self {
    case .goingOn, .passed, .started: .warning
    case .ended(let reason):
      reason == .maxDurationExceeded || reason == .shutdown ? .critical : .good
    case .evicted(let reason): reason == .windowExceeded ? .warning : .critical
    // The failed queries tell what it cost: a request that was let through may succeed.
    case .notBuffered(let reason): reason == .bufferFull ? .critical : .warning
    case .drained: .good
    }
  }

  fileprivate var name: FleetEvent.Kind.Name {
    switch self {
    case .goingOn: .bufferingGoingOn
    case .passed: .failoversBetweenPolls
    case .started: .bufferingStarted
    case .ended: .bufferingEnded
    case .evicted: .requestsEvicted
    case .notBuffered: .requestsNotBuffered
    case .drained: .requestsDrained
    }
  }
}
