package import Terms

/// A number over time, recorded when it changes; bounded.
package struct Series: Sendable, Equatable {
  package struct Sample: Sendable, Equatable {
    package let at: Instant
    package let value: Double
  }

  /// Beyond this many, every second one is dropped.
  package static let capacity = 1024

  package private(set) var points: [Sample] = []

  init() {}

  mutating func record(_ value: Double, at instant: Instant) {
    guard points.last?.value != value else { return }
    points.append(Sample(at: instant, value: value))
    guard points.count > Self.capacity else { return }
    points = points.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  }

  /// The value at an instant; nil before the first point.
  package func value(at instant: Instant) -> Double? {
    points.last { $0.at <= instant }?.value
  }

  /// The largest value that held anywhere between two instants; nil before the first point.
  package func maximum(from start: Instant, to end: Instant) -> Double? {
    let inside = points.filter { $0.at > start && $0.at <= end }.map(\.value)
    return ([value(at: start)].compactMap(\.self) + inside).max()
  }
}

/// A list of times and values in turn: there are many points.
extension Series: Codable {
  package init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    while !list.isAtEnd {
      points.append(
        Sample(at: try list.decode(Instant.self), value: try list.decode(Double.self)))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for point in points {
      try list.encode(point.at)
      try list.encode(point.value)
    }
  }
}
