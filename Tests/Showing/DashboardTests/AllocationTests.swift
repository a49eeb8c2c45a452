import FleetModel
import TerminalKit
import TestSupport
import Testing
import VitessClient

@testable import Dashboard

/// What the program asks memory for each second, which says what it costs on any machine.
///
/// Numbers are those of a debug build. One that is a fifth larger is a regression; one that has become
/// smaller is to be written down here.
@Suite(.needsCountedAllocations) struct AllocationTests {
  /// The least of a few rounds: the first ones make what later ones keep.
  private func least(of rounds: Int = 5, _ body: () throws -> Void) rethrows -> Int {
    try (0..<rounds).reduce(Int.max) { least, _ in min(least, try allocations(body)) }
  }

  private func expect(
    _ count: Int, _ expected: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      count <= expected + expected / 5 && count >= expected - expected / 5,
      "\(count) allocations, \(expected) expected", sourceLocation: sourceLocation)
  }

  private static func page(_ name: String) throws -> [UInt8] {
    try Array(Fixtures.data("vitess-22/http/\(name)/vtgate.metrics.txt.gz"))
  }

  @Test func aPageThatSaysTheSameAsBefore() throws {
    var reader = VtgateMetricsReader()
    let page = try Self.page("mid-failover-buffer")
    expect(least { _ = reader.read(page) }, 1)
  }

  @Test func aPageOfWhichNumbersHaveMoved() throws {
    var reader = VtgateMetricsReader()
    let pages = [try Self.page("mid-failover-buffer"), try Self.page("mid-failover-slow-catch-up")]
    for page in pages { _ = reader.read(page) }
    var round = 0
    expect(
      least {
        _ = reader.read(pages[round % 2])
        round += 1
      }, 213)
  }

  /// Two vtgates and eight tablets, of which nothing is new.
  @Test func aSecondInWhichNothingHappens() {
    var scene = Scene(Size(columns: 160, rows: 50))
    for _ in 0..<20 { scene.poll() }
    expect(least { scene.poll() }, 1481)
  }

  @Test func aSecondOfAFailover() {
    var scene = Scene.failover(Size(columns: 160, rows: 50), isOver: false)
    expect(
      least {
        scene.changeOne(0, 0) { $0.buffered += 5 }
        scene.poll()
      }, 4270)
  }

  @Test func aFrame() {
    let scene = Scene.busy(Size(columns: 160, rows: 50))
    expect(least { _ = scene.canvas }, 8120)
  }
}
