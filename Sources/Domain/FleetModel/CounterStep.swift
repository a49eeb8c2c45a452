internal import Terms

/// What two polls of one vtgate say of one shard, compared once for everyone who follows it.
struct CounterStep {
  let shard: ShardName
  /// Equal to `now` where the shard is new.
  let before: BufferCounters
  let now: BufferCounters
  /// What was counted in between.
  let more: BufferCounters
  let moment: Moment
  /// Nothing was known of the shard before.
  let isFirst: Bool
  /// `before` is the zero of a new process.
  let isRestart: Bool
  /// Failed calls to the shard's primary; nil when that is not known.
  let callErrors: Int?
  /// No primary serves, as far as is known.
  let isDown: Bool
  /// The shard's primary as it was last seen serving.
  let primary: TabletAlias?

  /// `before`: nil where nothing is known of the shard.
  init(
    _ shard: ShardName, from before: BufferCounters?, to now: BufferCounters, at moment: Moment,
    isRestart: Bool, callErrors: Int?, isDown: Bool, primary: TabletAlias?
  ) {
    self.shard = shard
    self.before = before ?? now
    self.now = now
    more = before.map { now.since($0) } ?? BufferCounters()
    self.moment = moment
    isFirst = before == nil
    self.isRestart = isRestart
    self.callErrors = callErrors
    self.isDown = isDown
    self.primary = primary
  }
}
