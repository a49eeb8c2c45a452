internal import FleetModel

extension RequestBuffer {
  /// vtgate's buffering flags, with the defaults of v13 and later.
  ///
  /// Source: go/vt/vtgate/buffer/flags.go, v10 to v24.
  package struct Configuration: Sendable, Equatable {
    /// The flag `--enable_buffer`.
    package var isEnabled = true
    /// `--enable_buffer_dry_run`: counts what would be buffered, and buffers nothing.
    package var isDryRun = false
    /// The flag `--buffer_window`.
    package var window: Duration = .seconds(10)
    /// `--buffer_size`, in requests, for all shards of the vtgate together.
    package var size = 1000
    /// The flag `--buffer_max_failover_duration`.
    package var maxFailoverDuration: Duration = .seconds(20)
    /// The flag `--buffer_min_time_between_failovers`.
    package var minTimeBetweenFailovers: Duration = .seconds(60)
    /// The flag `--buffer_drain_concurrency`.
    package var drainConcurrency = 1
    /// `--buffer_keyspace_shards`: keyspaces or `keyspace/shard`; empty means all.
    package var keyspaceShards: Set<String> = []

    package init() {}

    enum Mode { case disabled, enabled, dryRun }

    /// What is done for a shard: with both enabling flags set, listed shards are buffered and all
    /// others are dry run (#13507).
    func mode(of shard: ShardName) -> Mode {
      let isListed =
        keyspaceShards.contains(shard.keyspace) || keyspaceShards.contains(shard.description)
      if isEnabled {
        if keyspaceShards.isEmpty || isListed { return .enabled }
        return isDryRun ? .dryRun : .disabled
      }
      return isDryRun && (keyspaceShards.isEmpty || isListed) ? .dryRun : .disabled
    }

    /// The flags as a release takes them: from v18 on a dry run alone does nothing, and up to v18
    /// requests are drained one by one whatever the flag says.
    func asTaken(by release: VitessRelease) -> Configuration {
      var configuration = self
      if !release.hasBufferWhenOff, !isEnabled { configuration.isDryRun = false }
      if release.drainsOneByOne { configuration.drainConcurrency = 1 }
      return configuration
    }

    /// Why a vtgate of that release would not start with these flags, in the words of its log; nil
    /// when it would.
    package func refusal(by release: VitessRelease) -> String? {
      if window < .seconds(1) {
        return "-buffer_window must be >= 1s (specified value: \(goText(window)))"
      }
      if window > maxFailoverDuration {
        return "-buffer_window must be <= -buffer_max_failover_duration: "
          + "\(goText(window)) vs. \(goText(maxFailoverDuration))"
      }
      if size < 1 { return "-buffer_size must be >= 1 (specified value: \(size))" }
      if release.wantsPauseOfTwiceTheDuration, minTimeBetweenFailovers < maxFailoverDuration * 2 {
        return "-buffer_min_time_between_failovers should be at least twice the length of "
          + "-buffer_max_failover_duration: \(goText(minTimeBetweenFailovers)) vs. "
          + goText(maxFailoverDuration)
      }
      if release.wantsPauseOfASecond, minTimeBetweenFailovers < .seconds(1) {
        return "-buffer_min_time_between_failovers must be >= 1s (specified value: "
          + "\(goText(minTimeBetweenFailovers)))"
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
}
