internal import Terms

/// What proxies say of the failovers that are going on.
extension FailoverLog {
  /// Takes how a proxy's route stands, for the failover that is going on.
  ///
  /// `isNews`: its cutover is under way, or ended since the last look.
  mutating func note(_ route: ProxyRoute, of shard: ShardName, isNews: Bool) {
    guard let place = openIndex(of: shard) else { return }
    if let cutover = route.cutover,
      isNews || all[place].plannedCutover?.isSame(as: cutover) == true
    {
      all[place].plannedCutover = cutover
    }
    // Once another server serves, what ails that one is another matter.
    if all[place].newPrimarySeen == nil {
      all[place].serverFault = route.fault ?? all[place].serverFault
    }
  }

  /// Notes that nobody tells how the cutovers of a shard's proxies stand.
  mutating func noteUntoldCutover(of shard: ShardName) {
    if let place = openIndex(of: shard) { all[place].isCutoverUntold = true }
  }
}
