package import Terms

/// What a vtgate would have counted with other flags, each number with how sure it is.
package struct Forecast: Sendable, Equatable {
  /// A count between two bounds.
  package struct Count: Sendable, Equatable {
    package let least: Int
    /// What comes of arrivals spread evenly between polls.
    package let likely: Int
    /// Nil where the recording bounds it nowhere.
    package let most: Int?

    /// The rules of the buffer leave one value.
    package var isExact: Bool { most == least }
    /// Nothing is known of it.
    package var isUnknown: Bool { least == 0 && most == nil }

    init(_ least: Int, likely: Int? = nil, _ most: Int?) {
      let most = most.map { max(least, $0) }
      self.least = least
      self.most = most
      self.likely = min(max(least, likely ?? least), most ?? .max)
    }

    init(_ exactly: Int) { self.init(exactly, exactly) }

    func with(likely: Int) -> Count { Count(least, likely: likely, most) }
  }

  /// A time between two bounds.
  package struct Wait: Sendable, Equatable {
    package let least: Duration
    package let likely: Duration
    package let most: Duration?

    /// To the millisecond, which is as closely as a vtgate tells it.
    package var isExact: Bool { most.map { $0 - least <= .milliseconds(1) } ?? false }

    init(_ least: Duration, likely: Duration? = nil, _ most: Duration?) {
      let most = most.map { max(least, $0) }
      self.least = least
      self.most = most
      self.likely = max(least, min(likely ?? least, most ?? likely ?? least))
    }

    func with(likely: Duration) -> Wait { Wait(least, likely: likely, most) }
  }

  package internal(set) var starts = Count(0)
  package internal(set) var stops: [StopReason: Count] = [:]
  package internal(set) var buffered = Count(0)
  package internal(set) var drained = Count(0)
  package internal(set) var evicted: [EvictReason: Count] = [
    .bufferFull: Count(0), .windowExceeded: Count(0), .contextDone: Count(0),
  ]
  package internal(set) var skipped: [SkipReason: Count] = [
    .bufferFull: Count(0), .lastFailoverTooRecent: Count(0), .lastReparentTooRecent: Count(0),
  ]
  /// The longest queue.
  package internal(set) var peak = Count(0)
  /// From a request's arrival until the buffer lets it go; draining comes on top.
  package internal(set) var longestWait = Wait(.zero, .zero)
  /// Queries that the buffer would have let down: turned away, or let go before there was a primary.
  ///
  /// Those whose client gave up are its own affair.
  package internal(set) var failed = Count(0)
  /// The same under the flags that were in force, and the clients that gave up then.
  package internal(set) var failedThen = Count(0)
  var goneThen = 0
  /// It goes as it went: no rule of the buffer would have decided anything differently.
  package internal(set) var isAsRecorded = false

  /// How many fewer client errors there are, those of clients that gave up included.
  package var avoided: Avoided {
    if isAsRecorded { return Avoided(least: 0, likely: 0, most: 0) }
    let gone = evicted[.contextDone] ?? Count(0)
    let most = failed.most.flatMap { failed in gone.most.map { failed + $0 } }
    return Avoided(
      least: most.map { failedThen.least + goneThen - $0 },
      likely: failedThen.likely + goneThen - failed.likely - gone.likely,
      most: failedThen.most.map { $0 + goneThen - failed.least - gone.least })
  }

  /// Negative where there are more; nil bounds are unknown.
  package struct Avoided: Sendable, Equatable {
    package let least: Int?
    package let likely: Int
    package let most: Int?

    package var isExact: Bool { least != nil && least == most }

    /// The same, counted as errors that there are more.
    var asAdded: Avoided {
      Avoided(least: most.map { -$0 }, likely: -likely, most: least.map { -$0 })
    }

    /// What is avoided at several vtgates together.
    package static func + (left: Avoided, right: Avoided) -> Avoided {
      func sum(_ one: Int?, _ other: Int?) -> Int? { one.flatMap { one in other.map { one + $0 } } }
      return Avoided(
        least: sum(left.least, right.least), likely: left.likely + right.likely,
        most: sum(left.most, right.most))
    }
  }

  /// It is sure that the buffer lets nobody down.
  package var losesNothing: Bool { failed.most == 0 }
}
