package import Terms

/// How often each of some reasons was counted, in a few words of memory.
///
/// The reasons of Vitess' releases are kept by their places among ``CountedReason/known``: there are
/// hundreds of thousands of these counts in a large fleet, and all of them may change every second.
package struct ReasonCounts<Reason: CountedReason>: Sendable, Equatable {
  /// By the places of known reasons; empty while none of them was counted.
  private var known: [Int] = []
  /// Those of other reasons, if not 0.
  private var others: [Reason: Int] = [:]

  package init() {}

  package init(_ counts: [Reason: Int]) {
    for (reason, count) in counts { self[reason] = count }
  }

  /// Those that are not 0.
  package var byReason: [Reason: Int] {
    var counts = others
    for (place, count) in known.enumerated() where count != 0 {
      counts[Reason.known[place]] = count
    }
    return counts
  }

  /// Those above 0 in the order of their names, the same in every run.
  var risen: [(reason: Reason, count: Int)] {
    guard !known.isEmpty || !others.isEmpty else { return [] }
    return byReason.filter { $0.value > 0 }.map { ($0.key, $0.value) }
      .sorted { $0.reason.rawValue < $1.reason.rawValue }
  }

  /// How many are not 0.
  package var count: Int { others.count + known.count { $0 != 0 } }

  // A server may report any number, so sums wrap and never trap.
  package var total: Int { others.values.reduce(known.reduce(0, &+), &+) }

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
      return known.isEmpty ? 0 : known[index]
    }
    set {
      guard let index = place.index else {
        others[place.reason] = newValue == 0 ? nil : newValue
        return
      }
      if known.isEmpty {
        guard newValue != 0 else { return }
        known = Array(repeating: 0, count: Reason.known.count)
      }
      known[index] = newValue
      if newValue == 0, known.allSatisfy({ $0 == 0 }) { known = [] }
    }
  }

  /// Whether a reason has been counted, or may be as one of so many.
  func hasRoom(for place: Place, among most: Int) -> Bool {
    known.count + others.count < most || count < most || self[place] != 0
  }

  mutating func combine(_ other: Self, _ operation: (Int, Int) -> Int) {
    if !other.known.isEmpty {
      if known.isEmpty { known = Array(repeating: 0, count: other.known.count) }
      var isCounted = false
      for place in known.indices {
        known[place] = operation(known[place], other.known[place])
        isCounted = isCounted || known[place] != 0
      }
      if !isCounted { known = [] }
    }
    for (reason, count) in other.others {
      let result = operation(others[reason, default: 0], count)
      others[reason] = result == 0 ? nil : result
    }
  }
}

extension ReasonCounts {
  /// Appends the counts of known reasons; returns false if there are others.
  func append(to numbers: inout [Int64]) -> Bool {
    guard others.isEmpty else { return false }
    for place in Reason.known.indices { numbers.append(known.isEmpty ? 0 : Int64(known[place])) }
    return true
  }

  /// Takes the counts of known reasons, one after the other.
  mutating func take<Failure>(_ next: () throws(Failure) -> Int64) throws(Failure) {
    for reason in Reason.known { self[reason] = Int(try next()) }
  }
}

/// As the dictionary that it is.
extension ReasonCounts: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(try [Reason: Int](from: decoder))
  }

  package func encode(to encoder: any Encoder) throws { try byReason.encode(to: encoder) }
}
