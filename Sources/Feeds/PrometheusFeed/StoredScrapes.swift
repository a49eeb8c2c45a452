internal import FleetModel
internal import PrometheusClient
internal import Terms

/// Which scrapes are stored, and since when: parts of one may be missing when it is first seen.
struct StoredScrapes {
  struct Scrape: Hashable {
    let target: Target
    /// By the clock of who scrapes.
    let at: Instant
  }

  /// A scrape is stored when it is over, and as long as this afterwards parts of it may be missing.
  static let settling: Duration = .seconds(2)
  /// More scrapes of one vtgate than come between two looks.
  private static let scrapesKept = 16

  /// When each of the latest was first seen.
  private var seen: [Scrape: Instant] = [:]

  /// Notes which are there.
  mutating func note(_ found: [(vtgate: StoredServer, at: [Instant])], at now: Instant) {
    var seen: [Scrape: Instant] = [:]
    for (vtgate, times) in found {
      for time in times.suffix(Self.scrapesKept) {
        let scrape = Scrape(target: vtgate.target, at: time)
        seen[scrape] = self.seen[scrape] ?? now
      }
    }
    self.seen = seen
  }

  /// Whether all of a scrape is there, as far as the looks since it was first seen say; `pause`: between
  /// two of them.
  func isSettled(_ scrape: Scrape, at now: Instant, between pause: Duration) -> Bool {
    seen[scrape].map { now - $0 >= Self.settling - pause / 2 } ?? true
  }

  /// The time that scrapes of a server are apart, to the millisecond; of several servers, of the one
  /// that is scraped most rarely.
  ///
  /// A scrape that failed, and those that whoever scrapes made up for, are not what most are apart.
  static func interval(of scrapes: [[Instant]]) -> Duration? {
    let gaps = scrapes.map { times in
      zip(times, times.dropFirst()).map { $1 - $0 }.filter { $0 > .zero }.sorted()
    }
    .filter { !$0.isEmpty }
    let sure = gaps.filter { $0.count > 1 }
    let longest = (sure.isEmpty ? gaps : sure).map { $0[($0.count - 1) / 2] }.max()
    return longest.map { .milliseconds(($0.wholeNanoseconds + 500_000) / 1_000_000) }
  }
}
