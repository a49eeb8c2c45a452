internal import Terms

extension RequestBuffer {
  /// vtgate's buffering flags, with the defaults of v13 and later.
  ///
  /// Source: go/vt/vtgate/buffer/flags.go, v10 to v24.
  package struct Configuration: Sendable, Equatable {
    /// The flag `--enable_buffer`.
    package var isEnabled = true
    /// `--enable_buffer_dry_run`: counts what would be buffered, but buffers nothing.
    package var isDryRun = false
    /// The flag `--buffer_window`.
    package var window: Duration = .seconds(10)
    /// `--buffer_size`, in requests, shared by all shards of the vtgate.
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

    /// How a shard is treated: with both enabling flags set, listed shards are buffered and all
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
  }
}
