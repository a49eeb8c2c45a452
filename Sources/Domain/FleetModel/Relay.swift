package import Terms

/// A server that has scraped the others and tells of them, such as Prometheus.
///
/// What is known through it is as precise as it scrapes, and as old.
package struct Relay: Sendable, Equatable, Codable {
  package let address: Address
  /// Between two scrapes of a vtgate, as most are apart; nil until that is known.
  package var interval: Duration?
  /// The same of a tablet.
  package var tabletInterval: Duration?
  /// Why nothing new comes from it; nil while something does.
  package var fault: RelayFault?
  /// Since when.
  package var failingSince: Instant?
  /// How long it took to tell what is asked of every scrape, where scrapes are less apart; else nil.
  ///
  /// What is known is as much older.
  package var delay: Duration?
  /// Why nothing new comes of tablets; nil while something does, and while ``fault`` says it.
  package var tabletFault: RelayFault?
  /// Why it is not known what its clock shows; nil where it is, and before it was asked.
  ///
  /// Its times are taken for ours then.
  package var clockFault: RelayFault?
  /// What it has of every server was told once.
  package var hasTold = false
  /// Tablets that it scrapes and whose labels do not say to which shard they belong.
  package var unplaced = 0
  /// Servers that were to be asked directly and do not answer here: they are known through it alone.
  package var unreached: Unreached?
  /// Gates that sources name and it does not scrape: nobody tells of them.
  package var unscrapedGates: Unscraped?
  /// The same of tablets.
  package var unscrapedTablets: Unscraped?

  /// Servers of one kind that somebody names and that are not scraped.
  package struct Unscraped: Sendable, Equatable, Codable {
    package let count: Int
    /// One of them.
    package let first: Target

    package init(_ count: Int, first: Target) {
      self.count = count
      self.first = first
    }
  }

  /// Servers that cannot be reached from here.
  package struct Unreached: Sendable, Equatable, Codable {
    package let count: Int
    /// One of them.
    package let first: Target
    package let failure: ScrapeFailure

    package init(_ count: Int, first: Target, _ failure: ScrapeFailure) {
      self.count = count
      self.first = first
      self.failure = failure
    }
  }

  package init(_ address: Address) { self.address = address }

  /// Between two scrapes of a tablet, where lag is older by that than what is told of vtgates.
  package var rareTabletInterval: Duration? {
    guard let interval, let tabletInterval, tabletInterval > interval * 1.2 else { return nil }
    return tabletInterval
  }
}

/// Why a server that has scraped others tells nothing of them.
package enum RelayFault: Error, Sendable, Hashable, Codable {
  case failed(ScrapeFailure)
  /// `words`: its own.
  case refused(words: String)
  /// None of what it has is of a vtgate. `matchers`: the labels that were asked for; empty for any.
  case knowsNoVtgate(matchers: String)
  /// The label `instance` of a vtgate is not an address.
  case hasNoAddress(String?)
  /// What it answers leaves out what some of its own servers store: nothing can be told from that.
  case answersInPart
  /// It was asked and has not told anything yet.
  case unheard

  /// Its name in machine-readable output, which never changes.
  package enum Name: String, Sendable, CaseIterable {
    case failed, refused, unheard
    case knowsNoVtgate = "knows-no-vtgate"
    case hasNoAddress = "has-no-address"
    case answersInPart = "answers-in-part"
  }

  package var name: Name {
    switch self {
    case .failed: .failed
    case .refused: .refused
    case .knowsNoVtgate: .knowsNoVtgate
    case .hasNoAddress: .hasNoAddress
    case .answersInPart: .answersInPart
    case .unheard: .unheard
    }
  }
}
