internal import Terms

/// What the vtgates' health checks show of failovers: primaries that go and come.
extension FailoverLog {
  mutating func notePrimaryGone(_ shard: ShardName, was primary: TabletAlias?, at moment: Moment) {
    var open = openIndex(of: shard)
    // A primary was seen and every vtgate was done: this is one more failover.
    if let index = open, all[index].newPrimarySeen != nil, !all[index].isActive { open = nil }
    let place = open ?? begin(shard, .primaryGone, at: moment, primary: primary)
    if all[place].primaryGone == nil { all[place].primaryGone = moment }
    all[place].changed = moment
  }

  /// Notes that a primary serves: another one, or the same one again.
  mutating func notePrimary(
    _ primary: TabletAlias, of shard: ShardName, was before: TabletAlias?, at moment: Moment
  ) {
    var place = openIndex(of: shard)
    // Yet another primary, after one was seen and every vtgate was done: one more failover.
    if let open = place, let seen = all[open].primaryAfter, seen != primary,
      all[open].tracks.allSatisfy({ $0.isOver || $0.started == nil })
    {
      place = nil
    }
    guard let place = place ?? began(shard, before, primary, at: moment) else { return }
    all[place].primaryAfter = primary
    all[place].newPrimarySeen = all[place].newPrimarySeen ?? moment
    all[place].changed = moment
  }

  private mutating func began(
    _ shard: ShardName, _ before: TabletAlias?, _ primary: TabletAlias, at moment: Moment
  ) -> Int? {
    guard let before, before != primary else { return nil }
    return begin(shard, .primaryChanged, at: moment, primary: before)
  }
}
