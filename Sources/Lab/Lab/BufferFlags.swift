package import Buffering
internal import Terms

/// Some of the buffer's flags of a vtgate; nil leaves one as it is.
package struct BufferFlagChanges: Sendable, Equatable {
  package var isEnabled: Bool?
  package var isDryRun: Bool?
  package var size: Int?
  package var window: Duration?
  package var maxFailoverDuration: Duration?
  package var minTimeBetweenFailovers: Duration?
  package var drainConcurrency: Int?
  package var keyspaceShards: Set<String>?

  package init() {}
}

extension RequestBuffer.Configuration {
  /// The flags with some of them changed.
  package func with(_ changes: BufferFlagChanges) -> RequestBuffer.Configuration {
    var configuration = self
    configuration.isEnabled = changes.isEnabled ?? isEnabled
    configuration.isDryRun = changes.isDryRun ?? isDryRun
    configuration.size = changes.size ?? size
    configuration.window = changes.window ?? window
    configuration.maxFailoverDuration = changes.maxFailoverDuration ?? maxFailoverDuration
    configuration.minTimeBetweenFailovers =
      changes.minTimeBetweenFailovers ?? minTimeBetweenFailovers
    configuration.drainConcurrency = changes.drainConcurrency ?? drainConcurrency
    configuration.keyspaceShards = changes.keyspaceShards ?? keyspaceShards
    return configuration
  }
}

/// vtgate's buffering flags, as each release accepts or refuses them.
///
/// Source: go/vt/vtgate/buffer/flags.go, v10 to v24.
extension RequestBuffer.Configuration {
  /// The flags as a release takes them: from v18 on a dry run alone does nothing, and up to v18
  /// requests are drained one by one whatever the flag says.
  func asTaken(by release: VitessRelease) -> RequestBuffer.Configuration {
    var configuration = self
    if !release.hasBufferWhenOff, !isEnabled { configuration.isDryRun = false }
    if release.drainsOneByOne { configuration.drainConcurrency = 1 }
    return configuration
  }

  /// Why a vtgate of that release would not start with these flags, in the words of its log; nil if
  /// it would.
  package func refusal(by release: VitessRelease) -> String? {
    if window < .seconds(1) {
      return "-buffer_window must be >= 1s (specified value: \(window.goText))"
    }
    if window > maxFailoverDuration {
      return "-buffer_window must be <= -buffer_max_failover_duration: "
        + "\(window.goText) vs. \(maxFailoverDuration.goText)"
    }
    if size < 1 { return "-buffer_size must be >= 1 (specified value: \(size))" }
    if release.wantsPauseOfTwiceTheDuration, minTimeBetweenFailovers < maxFailoverDuration * 2 {
      return "-buffer_min_time_between_failovers should be at least twice the length of "
        + "-buffer_max_failover_duration: \(minTimeBetweenFailovers.goText) vs. "
        + maxFailoverDuration.goText
    }
    if release.wantsPauseOfASecond, minTimeBetweenFailovers < .seconds(1) {
      return "-buffer_min_time_between_failovers must be >= 1s (specified value: "
        + "\(minTimeBetweenFailovers.goText))"
    }
    if drainConcurrency < 1 {
      return "-buffer_drain_concurrency must be >= 1 (specified value: \(drainConcurrency))"
    }
    if !keyspaceShards.isEmpty, !isEnabled, !isDryRun {
      return "-buffer_keyspace_shards=\(listed) also requires that -enable_buffer is set"
    }
    if isEnabled, isDryRun, keyspaceShards.isEmpty {
      return
        "both the dry run mode and actual buffering is enabled. To avoid ambiguity, keyspaces "
        + "and shards for actual buffering must be explicitly listed in -buffer_keyspace_shards"
    }
    for entry in keyspaceShards.sorted() {
      if let slash = entry.firstIndex(of: "/"),
        keyspaceShards.contains(String(entry[..<slash]))
      {
        return
          "-buffer_keyspace_shards has overlapping entries: '\(entry[..<slash])' and '\(entry)'"
      }
    }
    return nil
  }

  private var listed: String { keyspaceShards.sorted().joined(separator: ",") }
}
