/// What is known of a server's Vitess release, and what differs between releases.
///
/// Each difference is a rule named after what the server does; it is nil when what is known leaves
/// both possible. No other client file compares releases.
package struct Release: Sendable, Hashable, CustomStringConvertible {
  /// The server's major release is one of these.
  private let majors: ClosedRange<Int>
  /// As the server reports it, such as `22.0.3`.
  private let version: String?

  private static let all = 0...999

  package static let unknown = Release(all)

  private init(_ majors: ClosedRange<Int>) {
    self.majors = majors
    version = nil
  }

  /// Reads `22.0.3`, `22.0.3-SNAPSHOT`, or the sentence a tablet reports: `Version: 16.0.7 (Git …`.
  package init?(_ text: String) {
    let words = text.split { $0 == " " || $0 == "\n" }
    let number = words.first { $0.first?.isNumber == true && $0.contains(".") }
    guard let number, let major = number.split(separator: ".").first.flatMap({ Int($0) }),
      (1...999).contains(major)
    else { return nil }
    majors = major...major
    version = String(number.prefix(32))
  }

  package var isUnknown: Bool { self == .unknown }

  package var description: String {
    if let version { return version }
    return switch (majors.lowerBound, majors.upperBound) {
    case (0, 999): "a release that is not known"
    case (0, let newest): "v\(newest) or older"
    case (let oldest, 999): "v\(oldest) or later"
    case (let oldest, let newest) where oldest == newest: "v\(oldest)"
    case (let oldest, let newest): "v\(oldest) to v\(newest)"
    }
  }

  private func isAtLeast(_ major: Int) -> Bool? {
    if majors.lowerBound >= major { return true }
    return majors.upperBound < major ? false : nil
  }
}

// MARK: What a release does

extension Release {
  /// Flags are spelled with dashes; before v23 with underscores, which v23 and v24 still accept.
  package var spellsFlagsWithDashes: Bool? { isAtLeast(23) }

  /// vtgate refuses to start unless `--buffer_min_time_between_failovers` is twice
  /// `--buffer_max_failover_duration`; v18 dropped that (go/vt/vtgate/buffer/flags.go).
  package var wantsPauseOfTwiceTheDuration: Bool? { isAtLeast(18).map { !$0 } }

  /// A keyspace has a durability policy in topo; before v14 each tablet has its own flags for
  /// semi-sync.
  package var hasDurabilityPolicies: Bool? { isAtLeast(14) }

  /// vtgates hold requests for tables that a MoveTables is switching away; before, they fail.
  ///
  /// Source: go/vt/vtgate/buffer/buffer.go, v18: `disallowed due to rule` begins buffering.
  package var buffersMovedTables: Bool? { isAtLeast(18) }

  /// vtctld's `--remote_operation_timeout` by default: 15 s from v16 on, 30 s before
  /// (go/vt/topo/locks.go).
  package var remoteOperationTimeout: Duration { .seconds(isAtLeast(16) == false ? 30 : 15) }

  /// Throttler rules are kept in topo, for all tablets of a keyspace (topodata.proto of v18).
  package var hasRulesInTopo: Bool? { isAtLeast(18) }

  /// `check_as_check_self` in topo decides whose value a throttler's check looks at; from v21 on
  /// each metric has its own scope (topodata.proto of v16 and v21).
  package var hasCheckAsCheckSelf: Bool? {
    guard let isWithTopo = isAtLeast(16), let hasScopes = isAtLeast(21) else {
      return isAtLeast(16) == false || isAtLeast(21) == true ? false : nil
    }
    return isWithTopo && !hasScopes
  }

  /// The throttler can be configured in topo; before v16 there are only flags.
  package var hasThrottlerConfigInTopo: Bool? { isAtLeast(16) }

  /// A throttler accepts rules over HTTP and keeps them in its own memory; v22 removed that.
  package var takesRulesOverHTTP: Bool? { isAtLeast(22).map { !$0 } }

  /// A rule may have a ratio; before v14 every rule denies every check.
  package var hasRatios: Bool? { isAtLeast(14) }

  /// Whether the throttler does what topo says.
  ///
  /// v18 and later do. v17 does unless `--throttler-config-via-topo` turns it off, and v16 only if
  /// that turns it on. `flag` is its value, nil when the command line does not set it or could not
  /// be read; `commandLineIsKnown` says which.
  package func followsTopo(flag: Bool?, commandLineIsKnown: Bool) -> Bool? {
    if isAtLeast(18) == true { return true }
    if isAtLeast(16) == false { return false }
    return flag ?? (commandLineIsKnown ? isAtLeast(17) : nil)
  }
}

// MARK: What gives a release away

extension Release {
  /// `/throttler/status` has `CustomQuery`.
  package static let withCustomQueryInStatus = Release(21...21)
  /// `/throttler/status` has `IsRecentlyChecked`, and no custom query.
  package static let withRecentlyCheckedInStatus = Release(20...20)
  /// There is no `/throttler/throttled-apps`.
  package static let withoutListOfApps = Release(0...13)
  /// `/throttler/status` has no `Threshold`, though rules are listed.
  package static let withoutThresholdInStatus = Release(14...15)
  /// Rules are listed, but their fields are not known.
  package static let withListOfApps = Release(16...19)
  /// Listed rules have `Exempt`.
  package static let withExemptRules = Release(18...19)
  /// Listed rules have no `Exempt`.
  package static let withoutExemptRules = Release(16...17)
  /// A check's answer has `RecentlyChecked`, and rules have no `Exempt`.
  package static let withRecentlyCheckedInChecks = Release(17...17)
  /// A check's answer has no `RecentlyChecked`.
  package static let withoutRecentlyCheckedInChecks = Release(16...16)
  /// `/throttler/status` is gone.
  package static let withoutThrottlerStatus = Release(22...999)
  /// The tablet answers vtctld's GetThrottlerStatus.
  package static let withThrottlerCalls = Release(21...999)
}
