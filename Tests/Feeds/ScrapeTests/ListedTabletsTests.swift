import Terms
import Testing

@testable import Scrape

/// A tablet has left when no vtgate has listed it for a while.
@Suite struct ListedTabletsTests {
  private static let start = Instant(secondsSinceEpoch: 1_795_772_000)
  private static let gates = (1...2).map { Address(host: "gate\($0)", port: 15001) }
  private static let tablets = (1...2).map { Address(host: "db\($0)", port: 15100) }

  private var listed = ListedTablets()

  init() { for gate in Self.gates { _ = listed.take(Set(Self.tablets), of: gate) } }

  /// Who is gone at each of some moments.
  private mutating func gone(at seconds: Int..., unless named: Set<Address> = []) -> [Set<Address>]
  {
    seconds.map {
      listed.gone(
        of: Set(Self.tablets), unless: named, for: .seconds(10), at: Self.start + .seconds($0))
    }
  }

  @Test mutating func oneThatAnyVtgateListsStays() {
    var gone = gone(at: 0)
    #expect(gone == [[]] && !listed.mayBeAbsent)
    let isNews = (0..<2).map { _ in listed.take([Self.tablets[0]], of: Self.gates[0]) }
    #expect(isNews == [true, false] && listed.mayBeAbsent)
    gone = self.gone(at: 1, 100)
    #expect(gone == [[], []] && !listed.mayBeAbsent)
  }

  /// A vtgate that has just started lists none for a moment.
  @Test mutating func oneThatNoneListsIsGoneAfterAWhile() {
    for gate in Self.gates { _ = listed.take([Self.tablets[0]], of: gate) }
    var gone = gone(at: 0)
    #expect(gone == [[]] && listed.mayBeAbsent)
    gone = self.gone(at: 9, unless: [Self.tablets[1]])
    #expect(gone == [[]])
    // It was named meanwhile.
    gone = self.gone(at: 18, 27, 28)
    #expect(gone == [[], [], [Self.tablets[1]]])
  }

  @Test mutating func aSilentVtgateKeepsNoneThatTheOthersSawLeave() {
    _ = listed.take([Self.tablets[0]], of: Self.gates[0])
    listed.noteSilence(of: Self.gates[1])
    let gone = gone(at: 0, 10)
    #expect(gone == [[], [Self.tablets[1]]])
    // What the last one has listed is all that is known.
    listed.noteSilence(of: Self.gates[0])
    #expect(!listed.isEmpty && listed.contains(Self.tablets[0]))
  }
}
