internal import FleetModel
package import Terms

/// What there is to tell about a cluster's failovers afterwards, in Markdown, HTML or JSON.
///
///     Watch ─> FailoverReport ─┐             ┌─> MarkdownText
///     actions, notes ──────────┴─> Report ───┼─> HTMLPage, SVGPicture
///                                  (facts)   └─> JSONLine
///                      ReportDocument (words, tables) for the first two
package struct Report: Sendable, Equatable {
  /// Something that was done to the cluster.
  package struct Deed: Sendable, Equatable {
    package let at: Instant
    /// The whole action, in words.
    package let action: String
    /// Nil while it is going on, or if its end was not recorded.
    package let outcome: String?
    /// The evidence for the outcome, in words.
    package let verdict: String?
    /// The operator's name and host, `anna@bastion`; nil if unknown.
    package let who: String?
    /// The operator's name without the host.
    package var name: String? { who.map { String($0.prefix { $0 != "@" }) } }

    package init(at: Instant, action: String, outcome: String?, verdict: String?, who: String?) {
      self.at = at
      self.action = action
      self.outcome = outcome
      self.verdict = verdict
      self.who = who
    }
  }

  /// What an operator noted.
  package struct Note: Sendable, Equatable {
    package let at: Instant
    package let words: String

    package init(at: Instant, words: String) {
      self.at = at
      self.words = words
    }
  }

  /// What the operator calls the cluster.
  package let cluster: String
  /// The time the report covers.
  package let began: Instant
  package let ended: Instant
  /// How many seconds the reader's clock is ahead of UTC.
  package let utcOffset: Int
  /// In the order in which they began.
  package let failovers: [FailoverReport]
  package let deeds: [Deed]
  package let notes: [Note]
  /// Why nothing is known about what came later; nil if everything could be read.
  package let damage: String?

  /// `isOfOne`: leaves out actions and notes that are not near its failovers.
  package init(
    of cluster: String, from began: Instant, to ended: Instant, utcOffset: Int,
    _ failovers: [FailoverReport], deeds: [Deed] = [], notes: [Note] = [], isOfOne: Bool = false,
    damage: String? = nil
  ) {
    self.cluster = cluster
    self.began = began
    self.ended = ended
    self.utcOffset = utcOffset
    self.failovers = failovers.sorted { $0.number < $1.number }
    self.damage = damage
    func concerns(_ moment: Instant) -> Bool {
      failovers.contains { Self.concerns(moment, $0, until: ended) }
    }
    self.deeds = deeds.filter { !isOfOne || concerns($0.at) }.sorted { $0.at < $1.at }
    self.notes = notes.filter { !isOfOne || concerns($0.at) }.sorted { $0.at < $1.at }
  }

  /// Actions and notes this close to a failover may have to do with it.
  private static let reach: Duration = .seconds(60)

  /// Whether a moment is close enough to a failover to be told with it.
  private static func concerns(
    _ moment: Instant, _ report: FailoverReport, until ended: Instant
  ) -> Bool {
    let end = report.failover.ended?.at ?? ended
    return moment >= report.failover.earliest - reach && moment <= end + reach
  }

  package func deeds(about report: FailoverReport) -> [Deed] {
    deeds.filter { Self.concerns($0.at, report, until: ended) }
  }

  package func notes(about report: FailoverReport) -> [Note] {
    notes.filter { Self.concerns($0.at, report, until: ended) }
  }

  /// Actions and notes that belong to no failover.
  package var deedsBesides: [Deed] {
    deeds.filter { deed in
      !failovers.contains { Self.concerns(deed.at, $0, until: ended) }
    }
  }

  package var notesBesides: [Note] {
    notes.filter { note in
      !failovers.contains { Self.concerns(note.at, $0, until: ended) }
    }
  }
}
