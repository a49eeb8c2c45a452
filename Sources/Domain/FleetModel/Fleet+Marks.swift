internal import Terms

/// Which shards have to be settled anew.
extension Fleet {
  mutating func record(_ shard: ShardName, _ change: (inout ShardRecord) -> Void) {
    change(&records[shard, default: ShardRecord()])
  }

  mutating func markAll(_ part: ShardRecord.Part) {
    records.changeAll { $0.mark(part) }
  }

  /// Marks the shards with a tablet listed at an address, and that of the tablet that answers
  /// there.
  mutating func markTablet(at address: Address) {
    for tablet in listed(at: address) { record(tablet.shard) { $0.mark(.tablets) } }
    for shard in shardsAt[address] ?? [] { record(shard) { $0.mark(.tablets) } }
    if let shard = tablets.part(of: address, \.watched.value?.shard) {
      record(shard) { $0.mark(.tablets) }
    }
  }

  /// Marks the shards about which a vtgate now says something else, and returns those whose primary
  /// may have moved.
  mutating func markChanges(
    from before: VtgateState, to after: VtgateState
  ) -> Set<ShardName> {
    let (old, new) = (
      before.watched.value ?? VtgateReading(), after.watched.value ?? VtgateReading()
    )
    let isAnew =
      before.watched.value == nil || !before.isFresh || before.flags != after.flags
      || old.bufferSize != new.bufferSize || before.hasCurrentTablets != after.hasCurrentTablets
    func changes<Value: Equatable>(
      _ old: [ShardName: Value], _ new: [ShardName: Value], _ take: (ShardName) -> Void
    ) {
      guard isAnew || old != new else { return }
      var known = 0
      for (shard, value) in new {
        let before = old[shard]
        if before != nil { known += 1 }
        if isAnew || before != value { take(shard) }
      }
      guard known < old.count else { return }
      for shard in old.keys where new[shard] == nil { take(shard) }
    }
    var moved: Set<ShardName> = []
    let check = HealthCheck(after)
    func isElsewhere(_ shard: ShardName) {
      // A vtgate that says what is already known moves nothing, and most of a hundred do.
      let known = records.part(of: shard, \.seenPrimary)
      if known == nil || check.primary(of: shard) != known { moved.insert(shard) }
      record(shard) { $0.mark(.sightings) }
    }
    let counted =
      isAnew
      ? Set(old.buffers.keys).union(new.buffers.keys)
      : Set(new.buffers.shardsChanged(since: old.buffers))
    for shard in counted {
      record(shard) { $0.mark(.buffers) }
      // Without the list of tablets, this is how the vtgate knows the shard.
      if (old.buffers[shard] == nil) != (new.buffers[shard] == nil) { isElsewhere(shard) }
    }
    changes(old.primaryConnections, new.primaryConnections, isElsewhere)
    if let tablets = after.tablets {
      var changed = tablets.shardsChanged(since: before.tablets)
      if isAnew { changed.formUnion(tablets.shards) }
      changed.forEach(isElsewhere)
    }
    // By not naming a shard it says something about that shard, too.
    if isAnew { markAll(.vtgates) }
    return moved
  }
}
