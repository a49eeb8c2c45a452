package import Terms

extension FleetCheck {
  /// What is wrong, with its subjects; the words are `Wording`'s.
  package indirect enum Finding: Sendable, Equatable {
    // The fleet and its servers.
    case noShardNamed
    case blind
    /// The server that tells of the others tells nothing.
    case relayFails(Relay, RelayFault)
    /// It tells of vtgates alone.
    case relayHidesTablets(Relay, RelayFault)
    /// It takes longer to tell than scrapes are apart.
    case relayIsSlow(Relay, Duration)
    case noAnswer(ScrapeFailure?)
    /// It has never told whom it names, and why; nil: it was asked and has not answered yet.
    case sourceFails(ServerSource, String?)
    case severalProcesses
    /// How many of one shard, some of them by name, and the failure they share.
    case tabletsSilent(Int, [TabletName], ScrapeFailure?)
    /// The rest of what it reports is used.
    case readInPart(ReadingComplaint)
    case shardNotKnown(ReadingComplaint?)

    // A shard.
    case shardBlind
    /// `hasOnlyReplicas`: as a snapshot keyspace has.
    case primaryUnseen(hasOnlyReplicas: Bool)
    /// Only one of its own tablets names it.
    case namedByNoVtgate
    case nothingKnown
    /// Nobody names it but topo; nil: it has never had a primary there, which is a note.
    case onlyInTopo(primary: TabletAlias?)
    /// A proxy holds it for this, within its limits, and how many requests; nil when that is not known.
    case cutoverUnderWay(ProxyCutover, held: Int?)
    /// How many requests; nil when that is not known.
    case holding(Shard.State, Int?)
    case disagreement(Disagreement)
    case counts(ShardSummary.CountersCaveat)
    case failed(Failed)
    case bufferingOff
    case lagOver(Lag)
    case primaryServesLess(TabletName, TabletServerState)
    /// How many that are meant to serve, some of them by name.
    case tabletsNotServing(Int, [TabletName])
    case addressTakenOver(TabletName, by: TabletView.Occupant)
    /// A database server that serves as primary, and takes no writes.
    case primaryReadOnly(String)

    // Notes.
    /// No certificate is checked, so whoever is on the way may be telling all this.
    case unverified
    /// Its primary is healthy and does not serve; these serve its key range.
    case setAside(Idleness, for: [ShardName])
    /// It has no primary, as it is a snapshot of a keyspace's backup.
    case snapshot(of: String)
    case deadRecords
    /// Everything is told by a server that has scraped the others.
    case relayed(Relay)
    /// How many tablets that it scrapes nobody can place.
    case tabletsUnplaced(Int)
    /// What its clock shows is not known.
    case relayClockUnknown(Relay, RelayFault)
    case staysRelayed(Relay.Unreached)
    /// Sources name them, and who tells of the fleet does not scrape them.
    case unscraped(Relay.Unscraped)
    /// Why its last list stays: it could not be read again.
    case sourceStays(ServerSource, String)
    case sourceNamesNobody(ServerSource)
    /// What of its list is left out, and why.
    case sourceRemark(ServerSource, String)
    /// Vtctld tells nothing of the topology.
    case topoUnread(CallFailure)
    /// Database servers of one route that take writes, the one that serves among them.
    case severalWritable([String])
    /// Nobody has read how a proxy's cutovers stand.
    case cutoversUnknown
    /// The operator asked for it to be ignored.
    case ignored(Finding)
    /// The operator knows of it, and it has not changed since.
    case acknowledged(Finding)
  }
}

extension FleetCheck.Finding {
  /// Its name in machine-readable output, which never changes.
  package enum Name: String, Sendable, CaseIterable, Codable {
    case noShardNamed = "no-shard-named"
    case blind
    case relayFails = "relay-fails"
    case relayHidesTablets = "relay-hides-tablets"
    case relayIsSlow = "relay-slow"
    case noAnswer = "no-answer"
    case sourceFails = "source-fails"
    case severalProcesses = "several-processes"
    case tabletsSilent = "tablets-silent"
    case readInPart = "read-in-part"
    case shardNotKnown = "shard-not-known"
    case shardBlind = "shard-blind"
    case primaryUnseen = "primary-unseen"
    case namedByNoVtgate = "named-by-no-vtgate"
    case nothingKnown = "nothing-known"
    case onlyInTopo = "only-in-topo"
    case cutoverUnderWay = "cutover-under-way"
    case holding
    case disagreement
    case counts
    case failed
    case bufferingOff = "buffering-off"
    case lagOver = "lag-over-threshold"
    case primaryServesLess = "primary-serves-less"
    case tabletsNotServing = "tablets-not-serving"
    case addressTakenOver = "address-taken-over"
    case primaryReadOnly = "primary-read-only"
    case unverified
    case setAside = "set-aside"
    case snapshot
    case deadRecords = "dead-records"
    case relayed
    case tabletsUnplaced = "tablets-unplaced"
    case relayClockUnknown = "relay-clock-unknown"
    case staysRelayed = "stays-relayed"
    case unscraped
    case sourceStays = "source-stays"
    case sourceNamesNobody = "source-names-nobody"
    case sourceRemark = "source-remark"
    case topoUnread = "topo-unread"
    case severalWritable = "several-writable"
    case cutoversUnknown = "cutovers-unknown"
  }

  /// Of a note: what it is about counts for nothing.
  package var setsAside: Bool {
    switch self {
    case .setAside, .snapshot, .onlyInTopo, .deadRecords, .ignored, .acknowledged: true
    default: false
    }
  }

  /// A finding that is ignored or acknowledged keeps its own name.
  package var name: Name {
    switch self {
    case .noShardNamed: .noShardNamed
    case .blind: .blind
    case .relayFails: .relayFails
    case .relayHidesTablets: .relayHidesTablets
    case .relayIsSlow: .relayIsSlow
    case .noAnswer: .noAnswer
    case .sourceFails: .sourceFails
    case .severalProcesses: .severalProcesses
    case .tabletsSilent: .tabletsSilent
    case .readInPart: .readInPart
    case .shardNotKnown: .shardNotKnown
    case .shardBlind: .shardBlind
    case .primaryUnseen: .primaryUnseen
    case .namedByNoVtgate: .namedByNoVtgate
    case .nothingKnown: .nothingKnown
    case .onlyInTopo: .onlyInTopo
    case .cutoverUnderWay: .cutoverUnderWay
    case .holding: .holding
    case .disagreement: .disagreement
    case .counts: .counts
    case .failed: .failed
    case .bufferingOff: .bufferingOff
    case .lagOver: .lagOver
    case .primaryServesLess: .primaryServesLess
    case .tabletsNotServing: .tabletsNotServing
    case .addressTakenOver: .addressTakenOver
    case .primaryReadOnly: .primaryReadOnly
    case .unverified: .unverified
    case .setAside: .setAside
    case .snapshot: .snapshot
    case .deadRecords: .deadRecords
    case .relayed: .relayed
    case .tabletsUnplaced: .tabletsUnplaced
    case .relayClockUnknown: .relayClockUnknown
    case .staysRelayed: .staysRelayed
    case .unscraped: .unscraped
    case .sourceStays: .sourceStays
    case .sourceNamesNobody: .sourceNamesNobody
    case .sourceRemark: .sourceRemark
    case .topoUnread: .topoUnread
    case .severalWritable: .severalWritable
    case .cutoversUnknown: .cutoversUnknown
    case .ignored(let finding), .acknowledged(let finding): finding.name
    }
  }
}
