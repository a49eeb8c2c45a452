import TerminalKit
import TestSupport
import Testing

@testable import TerminalNcurses

@Suite struct InputGateTests {
  /// Keys that would end the program, or lead to what changes a cluster.
  private static let grave = Set("AtuTRFqyax\r".utf8 + [0x03])

  private struct Feed {
    var gate = InputGate(KeySequences())
    var now = Duration.zero
    var outputs: [InputGate.Output] = []

    /// Reads bytes after a pause, as the screen does: what is due in the pause comes first.
    mutating func read(_ bytes: some Collection<UInt8>, after pause: Duration = .zero) {
      wait(pause)
      gate.take(bytes, at: now)
      outputs += gate.due(at: now)
    }

    mutating func wait(_ pause: Duration) {
      let end = now + pause
      while let deadline = gate.deadline, deadline <= end {
        now = max(now, deadline)
        outputs += gate.due(at: now)
      }
      now = end
    }

    var presses: [KeyPress] {
      outputs.flatMap { output -> [KeyPress] in
        if case .keys(let presses) = output { presses } else { [] }
      }
    }
  }

  @Test func aKeyByItselfCameAlone() {
    var feed = Feed()
    for key in ["t", "\r", "y", "\u{1B}[A", "\u{1B}"] {
      feed.read(Array(key.utf8), after: .milliseconds(200))
    }
    feed.wait(.seconds(1))
    #expect(
      feed.presses
        == [.character("t"), .enter, .character("y"), .up, .escape].map { KeyPress($0) })
  }

  @Test func keysThatComeTogetherDidNot() {
    for text in ["yes\r", "tt", "t\r", "\u{1B}[Iq", "q\u{1B}[5;81R"] {
      var feed = Feed()
      feed.read(Array(text.utf8))
      feed.wait(.seconds(2))
      #expect(!feed.presses.contains { $0.cameAlone }, "\(text)")
    }
  }

  @Test func noKeyIsAloneShortlyBeforeOrAfterOthers() {
    for pause in [0, 1, 5, 20] {
      var feed = Feed()
      for byte in Array("Re: A quick question\r".utf8) {
        feed.read([byte], after: .milliseconds(pause))
      }
      feed.wait(.seconds(1))
      #expect(!feed.presses.contains { $0.cameAlone }, "\(pause) ms")
      // The rest of it comes late.
      feed.read(Array("q".utf8), after: .zero)
      feed.wait(.milliseconds(90))
      let late = feed.presses.count
      feed.read(Array("q".utf8), after: .milliseconds(500))
      feed.wait(.seconds(1))
      #expect(feed.presses.count == late + 1 && feed.presses.last?.cameAlone == true)
    }
    var feed = Feed()
    feed.read(Array("pasted".utf8))
    feed.read(Array("q".utf8), after: .milliseconds(80))
    feed.wait(.seconds(1))
    #expect(!feed.presses.contains { $0.cameAlone })
  }

  /// A finger on the mouse is none on a key, and what a terminal sends by itself may look like both.
  @Test func theMouseIsToldAndNoKeyIsAloneBesideIt() {
    var feed = Feed(gate: InputGate(KeySequences(), readsMouse: true))
    let click = "\u{1B}[<0;12;3M"
    feed.read(Array("\(click)q".utf8))
    feed.read(Array("q".utf8), after: .milliseconds(80))
    feed.read(Array("q".utf8), after: .milliseconds(500))
    feed.wait(.seconds(1))
    #expect(feed.outputs.contains(.mouse(MouseAction(.click, at: Point(column: 11, row: 2)))))
    #expect(feed.presses.map(\.cameAlone) == [false, false, true])
  }

  @Test func aPasteWithoutBracketsIsAPaste() {
    var feed = Feed()
    let text = "thanks for looking, quick question\rRe: throttling\r"
    feed.read(Array(text.utf8))
    feed.wait(.seconds(1))
    #expect(
      feed.outputs == [.pasted("thanks for looking, quick question\nRe: throttling\n")])
  }

  @Test func aKeyHeldDownMovesOnAndNeverPilesUp() {
    var feed = Feed()
    for _ in 0..<60 { feed.read(Array(repeating: UInt8(ascii: "j"), count: 100)) }
    feed.wait(.milliseconds(30))
    #expect(feed.presses.count == InputGate.mostKeys)
    #expect(feed.presses.allSatisfy { $0.key == .character("j") })
    // Control and C after it is meant, and not behind it.
    feed.outputs = []
    for _ in 0..<60 { feed.read(Array("\u{1B}[B\u{1B}[A".utf8), after: .milliseconds(1)) }
    feed.read([0x03])
    feed.wait(.milliseconds(30))
    #expect(feed.presses.last == KeyPress(.control("c")))
  }

  /// In pieces of two bytes and more no byte is a key alone; nor is one among others, at any pace that
  /// is not a person's.
  @Test func randomBytesNeverMeanAnything() {
    var dice = Dice(99)
    var feed = Feed()
    var count = 0
    while count < 1_000_000 {
      feed.outputs = []
      let isFast = Bool.random(using: &dice)
      let size =
        isFast ? Int.random(in: 1...4096, using: &dice) : Int.random(in: 2...4096, using: &dice)
      let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &dice) }
      feed.read(
        bytes,
        after: .milliseconds(
          isFast ? Int.random(in: 0...20, using: &dice) : Int.random(in: 0...3000, using: &dice)))
      count += size
      let meant = feed.presses.filter { $0.cameAlone && Self.isGrave($0.key) }
      #expect(meant.isEmpty)
    }
  }

  private static func isGrave(_ key: Key) -> Bool {
    switch key {
    case .character(let character): grave.contains(character.asciiValue ?? 0)
    case .enter, .control: true
    default: false
    }
  }
}
