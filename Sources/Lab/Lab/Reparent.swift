package import Terms

/// A reparent of one shard, planned or emergency, from its request to its outcome.
package struct Reparent: Sendable {
  package enum Kind: Sendable { case planned, emergency }

  /// `PlannedReparentShardRequest` and `EmergencyReparentShardRequest`.
  package struct Request: Sendable {
    package var kind: Kind
    package var shard: ShardName
    package var newPrimary: TabletAlias?
    package var avoidPrimary: TabletAlias?
    /// The server's own default is 30 s; the CLI sends 15 s from v16 on.
    package var waitReplicasTimeout: Duration = .seconds(30)
    /// v19 and later, for a candidate that the server elects.
    package var tolerableLag: Duration?
    /// v21 and later.
    package var expectedPrimary: TabletAlias?
    package var ignoreReplicas: Set<TabletAlias> = []
    /// A planned reparent may elect a tablet of another cell: v21 and later.
    package var allowsCrossCell = false
    /// An emergency reparent must not promote one.
    package var preventsCrossCell = false

    package init(_ kind: Kind, _ shard: ShardName) {
      self.kind = kind
      self.shard = shard
    }
  }

  /// A line of the server's log that is returned with the reply.
  package struct LogLine: Sendable {
    package let at: Instant
    package let isWarning: Bool
    package let file: String
    package let line: Int
    package let text: String
  }

  package enum Phase: Sendable, Equatable {
    /// Waits for the shard's lock.
    case locking
    case electing
    /// The candidate catches up before anything is touched.
    case catchingUp
    /// The old primary refuses new transactions and finishes the open ones.
    case demoting
    /// The candidate applies what the old primary wrote last.
    case waitingForPosition
    case promoting
    /// The others are pointed to the new primary.
    case repointing
    /// Waits for tablets that do not answer.
    case waitingForTablets(Refusal)
    case done(Refusal?)
  }

  package let id: Int
  package let request: Request
  package let startedAt: Instant
  package internal(set) var phase = Phase.locking
  package internal(set) var from: TabletAlias?
  package internal(set) var to: TabletAlias?
  package internal(set) var log: [LogLine] = []
  /// When the current phase is given up.
  var deadline: Instant
  /// What the candidate must have applied.
  var target: Instant?
  /// The position that errors name.
  var position = ""

  package var shard: ShardName { request.shard }
  /// Why it failed; nil when it succeeded or is not done.
  package var failure: Refusal? { if case .done(let failure) = phase { failure } else { nil } }

  /// True between the demotion and the promotion: nobody takes writes.
  var hasDemoted: Bool {
    switch phase {
    case .demoting, .waitingForPosition, .promoting: true
    default: false
    }
  }
}

/// Where a step of a reparent is logged: file and line, as replies report it.
///
/// The lines are those of v16.0.7 and v22.0.3; other releases use the nearer of the two.
enum ReparentLog {
  case start
  case durability
  case emergencyDurability
  case position
  case emergencyPosition
  case positionFailed
  case elected
  case checking
  case demoting
  case repointing
  case journal
  case formerPrimary
  case intermediate
  case sorted
  case selected
  case better
  case ideal
  case promoting
  case emergencyRepointing
  case emergencyJournal

  func place(_ release: VitessRelease) -> (file: String, line: Int) {
    let isOld = release < .v18
    return switch self {
    case .start: ("emergency_reparenter.go", isOld ? 143 : 150)
    case .durability: ("planned_reparenter.go", isOld ? 506 : 524)
    case .emergencyDurability: ("emergency_reparenter.go", isOld ? 170 : 184)
    case .position: ("util.go", isOld ? 121 : 173)
    case .emergencyPosition: ("replication.go", isOld ? 248 : 206)
    case .positionFailed: isOld ? ("replication.go", 270) : ("replication.go", 228)
    case .elected: ("planned_reparenter.go", isOld ? 176 : 192)
    case .checking: ("planned_reparenter.go", isOld ? 224 : 236)
    case .demoting: ("planned_reparenter.go", isOld ? 260 : 272)
    case .repointing: ("planned_reparenter.go", isOld ? 660 : 688)
    case .journal: ("planned_reparenter.go", isOld ? 695 : 723)
    case .formerPrimary: ("emergency_reparenter.go", 366)
    case .intermediate: ("emergency_reparenter.go", isOld ? 379 : 403)
    case .sorted: ("emergency_reparenter.go", isOld ? 392 : 416)
    case .selected: ("emergency_reparenter.go", isOld ? 234 : 255)
    case .better: ("emergency_reparenter.go", isOld ? 650 : 698)
    case .ideal: ("emergency_reparenter.go", isOld ? 252 : 273)
    case .promoting: ("emergency_reparenter.go", isOld ? 707 : 545)
    case .emergencyRepointing: ("emergency_reparenter.go", isOld ? 515 : 563)
    case .emergencyJournal: ("emergency_reparenter.go", isOld ? 507 : 552)
    }
  }
}
