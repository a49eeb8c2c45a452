internal import Terms

/// What happens next: events ordered by time, and by order of entry where times are equal.
///
/// A binary heap. The order is total, so the same entries always come out in the same order.
struct Agenda<Event: Sendable>: Sendable {
  private struct Entry: Sendable {
    let at: Instant
    let number: Int
    let event: Event

    func isBefore(_ other: Entry) -> Bool { (at, number) < (other.at, other.number) }
  }

  private var heap: [Entry] = []
  private var entered = 0

  var next: Instant? { heap.first?.at }

  mutating func add(_ event: Event, at instant: Instant) {
    heap.append(Entry(at: instant, number: entered, event: event))
    entered += 1
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isBefore(heap[parent]) else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes the next event due by `limit`.
  mutating func takeNext(until limit: Instant) -> (at: Instant, event: Event)? {
    guard let first = heap.first, first.at <= limit else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.at, first.event)
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].isBefore(heap[least]) {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
