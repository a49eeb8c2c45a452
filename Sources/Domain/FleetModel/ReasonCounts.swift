package import Terms

/// How often each of some reasons was counted.
///
/// Those of Vitess' releases are kept in place, by their places among ``CountedReason/known``: there are
/// hundreds of thousands of these counts in a large fleet, and all of them may change every second.
package struct ReasonCounts<Reason: CountedReason>: Sendable, Equatable {
  /// By the places of known reasons.
  private var known = FewCounts()
  /// Those of other reasons, if not 0.
  private var others: [Reason: Int] = [:]

  package init() {}

  package init(_ counts: [Reason: Int]) {
    for (reason, count) in counts { self[reason] = count }
  }

  /// Those that are not 0.
  package var byReason: [Reason: Int] {
    var counts = others
    for (place, reason) in Reason.known.enumerated() where known[place] != 0 {
      counts[reason] = known[place]
    }
    return counts
  }

  /// Those above 0 in the order of their names, the same in every run.
  var risen: [(reason: Reason, count: Int)] {
    guard known.isAnyAboveZero || !others.isEmpty else { return [] }
    return byReason.filter { $0.value > 0 }.map { ($0.key, $0.value) }
      .sorted { $0.reason.rawValue < $1.reason.rawValue }
  }

  /// How many are not 0.
  package var count: Int { others.count + FewCounts.places.count { known[$0] != 0 } }

  // A server may report any number, so sums wrap and never trap.
  package var total: Int {
    others.isEmpty ? known.total : others.values.reduce(known.total, &+)
  }

  /// Where the count of one reason is kept; worth keeping for a reason that is looked up often.
  package struct Place: Sendable {
    fileprivate let reason: Reason
    /// Among the known reasons; nil if it is another.
    fileprivate let index: Int?

    package init(_ reason: Reason) {
      index = Reason.known.firstIndex { $0.rawValue == reason.rawValue }
      self.reason = index.map { Reason.known[$0] } ?? reason
    }
  }

  package subscript(_ reason: Reason) -> Int {
    get { self[Place(reason)] }
    set { self[Place(reason)] = newValue }
  }

  package subscript(_ place: Place) -> Int {
    get {
      guard let index = place.index else { return others[place.reason, default: 0] }
      return known[index]
    }
    set {
      guard let index = place.index else {
        others[place.reason] = newValue == 0 ? nil : newValue
        return
      }
      known[index] = newValue
    }
  }

  /// Whether a reason has been counted, or may be as one of so many.
  func hasRoom(for place: Place, among most: Int) -> Bool {
    Reason.known.count + others.count < most || count < most || self[place] != 0
  }

  mutating func combine(_ other: Self, _ operation: (Int, Int) -> Int) {
    for place in FewCounts.places { known[place] = operation(known[place], other.known[place]) }
    guard !other.others.isEmpty else { return }
    for (reason, count) in other.others {
      let result = operation(others[reason, default: 0], count)
      others[reason] = result == 0 ? nil : result
    }
  }
}

/// As many counts as a kind has known reasons at most, without memory of their own.
private struct FewCounts: Sendable, Equatable {
  static let places = 0..<5

  private var first = 0
  private var second = 0
  private var third = 0
  private var fourth = 0
  private var fifth = 0

  subscript(_ place: Int) -> Int {
    get {
      switch place {
      case 0: first
      case 1: second
      case 2: third
      case 3: fourth
      default: fifth
      }
    }
    set {
      switch place {
      case 0: first = newValue
      case 1: second = newValue
      case 2: third = newValue
      case 3: fourth = newValue
      default: fifth = newValue
      }
    }
  }

  var total: Int { first &+ second &+ third &+ fourth &+ fifth }
  var isAnyAboveZero: Bool { max(first, second, third, fourth, fifth) > 0 }
}

/// The counts of known reasons as bare numbers, always as many: one for each of ``CountedReason/known``.
extension ReasonCounts {
  /// Whether only known reasons were counted.
  var areAllKnown: Bool { others.isEmpty }

  /// Appends the counts of known reasons.
  func append(to numbers: inout [Int]) {
    for place in Reason.known.indices { numbers.append(known[place]) }
  }

  /// Takes the counts of known reasons, one after the other.
  mutating func take(_ next: () -> Int) {
    for place in Reason.known.indices { known[place] = next() }
  }
}

/// As the dictionary that it is.
extension ReasonCounts: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(try [Reason: Int](from: decoder))
  }

  package func encode(to encoder: any Encoder) throws { try byReason.encode(to: encoder) }
}
