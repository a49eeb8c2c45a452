internal import Synchronization

/// Bytes as a broken or hostile server would send them.
///
/// Random ones, and originals in which bytes are changed, cut out and doubled; for a server that
/// answers many at once. The same seed gives the same bytes.
package final class Mutations: Sendable {
  private let originals: [[UInt8]]
  private let dice: Mutex<Dice>

  package init(of originals: [[UInt8]], seed: Int) {
    self.originals = originals
    dice = Mutex(Dice(UInt64(seed)))
  }

  package func next() -> [UInt8] {
    dice.withLock { dice in
      if Int.random(in: 0..<5, using: &dice) == 0 {
        return (0..<Int.random(in: 0..<300, using: &dice)).map { _ in
          UInt8.random(in: 0...255, using: &dice)
        }
      }
      var bytes = originals.randomElement(using: &dice) ?? []
      for _ in 0..<Int.random(in: 1...6, using: &dice) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
        default: bytes.removeSubrange(place...)
        }
      }
      return bytes
    }
  }
}
