internal import Watching

/// What a feed has been told of a watch's wishes.
struct GrantedWishes {
  private let feed: any Feed
  private var last: Wishes

  /// `wishes`: those that the feed begins with.
  init(_ wishes: Wishes, by feed: any Feed) {
    last = wishes
    self.feed = feed
  }

  /// Tells the feed what is wished when that has changed.
  /// - Returns: whether it has.
  mutating func follow(_ wishes: Wishes) -> Bool {
    guard wishes != last else { return false }
    last = wishes
    Task { [feed] in await feed.grant(wishes) }
    return true
  }
}
