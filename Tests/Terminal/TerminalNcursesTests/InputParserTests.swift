import TerminalKit
import TestSupport
import Testing

@testable import TerminalNcurses

@Suite struct InputParserTests {
  private typealias Token = InputParser.Token

  /// Tokens of input that comes in pieces, each after a pause.
  private func tokens(
    _ pieces: [(pause: Duration, bytes: [UInt8])], _ sequences: KeySequences = KeySequences()
  ) -> [Token] {
    var parser = InputParser(sequences)
    var now = Duration.zero
    var tokens: [Token] = []
    for piece in pieces {
      now += piece.pause
      if let deadline = parser.deadline, deadline <= now {
        tokens += parser.expire(at: deadline)
      }
      tokens += parser.take(piece.bytes, at: now)
    }
    if let deadline = parser.deadline { tokens += parser.expire(at: deadline) }
    return tokens
  }

  private func tokens(_ text: String) -> [Token] { tokens([(.zero, Array(text.utf8))]) }

  @Test(
    arguments: [
      ("\u{1B}[A", .up), ("\u{1B}OA", .up), ("\u{1B}[B", .down), ("\u{1B}OD", .left),
      ("\u{1B}[H", .home), ("\u{1B}[4~", .end), ("\u{1B}[7~", .home), ("\u{1B}[5~", .pageUp),
      ("\u{1B}[3~", .delete), ("\u{1B}[Z", .backTab), ("\u{1B}OM", .enter),
      ("\u{1B}Oq", .character("1")),
      ("\r", .enter), ("\n", .enter), ("\t", .tab), ("\u{7F}", .backspace),
      ("\u{3}", .control("c")),
      ("\u{1A}", .control("z")), ("q", .character("q")), ("\u{20AC}", .character("\u{20AC}")),
      ("\u{1B}", .escape),
    ] as [(String, Key)])
  func keysAreKnownHoweverTheyAreCut(_ text: String, _ key: Key) {
    #expect(tokens(text) == [.key(key)])
    #expect(tokens(text.utf8.map { (.milliseconds(140), [$0]) }) == [.key(key)])
  }

  /// Escape and the next key may arrive together.
  @Test(arguments: ["X", "^", "x"])
  func aKeyWithAltTakesNothingOfWhatFollows(_ key: String) {
    #expect(tokens("\u{1B}\(key)X") == [.swallowed, .key(.character("X"))])
    let apart = tokens([(.zero, [0x1B]), (.milliseconds(250), Array("\(key)X".utf8))])
    #expect(apart == [.key(.escape), .key(.character(Character(key))), .key(.character("X"))])
  }

  @Test func aTerminalsOwnSequencesComeFirst() {
    let own = KeySequences(announced: [
      (Array("\u{1B}A".utf8), .up), (Array("\u{1B}[215z".utf8), .pageUp), ([0x0B], .up),
      (Array("\u{1B}#1".utf8), .home),
    ])
    #expect(tokens([(.zero, Array("\u{1B}A".utf8))], own) == [.key(.up)])
    #expect(tokens([(.zero, Array("\u{1B}#1".utf8))], own) == [.key(.home)])
    #expect(tokens([(.zero, Array("\u{1B}#2".utf8))], own) == [.swallowed])
    #expect(
      tokens([(.zero, Array("\u{1B}[215z\u{1B}B".utf8))], own) == [.key(.pageUp), .swallowed])
    #expect(tokens([(.zero, [0x0B])], own) == [.key(.control("k"))])
  }

  @Test(
    arguments: [
      ("rgb:1e1e/1e1e/1e1e", true), ("rgb:ffff/ffff/ffff", false), ("rgb:f/f/e", false),
      ("rgb:00/2b/36", true), ("rgba:fdfd/f6f6/e3e3/ffff", false), ("rgb:000/fff/000", false),
    ])
  func theTerminalsBackgroundIsToldHoweverItIsCut(_ colour: String, _ isDark: Bool) {
    for ending in ["\u{7}", "\u{1B}\\"] {
      let answer = Array("\u{1B}]11;\(colour)\(ending)".utf8)
      let whole = tokens([(.zero, answer)])
      guard whole.count == 1, case .background(let background) = whole[0] else {
        Issue.record("\(whole)")
        continue
      }
      #expect(background.isDark == isDark)
      #expect(tokens(answer.map { (.milliseconds(140), [$0]) }) == whole)
      for cut in 1..<answer.count {
        #expect(
          tokens([
            (.zero, Array(answer.prefix(cut))), (.milliseconds(100), Array(answer.dropFirst(cut))),
          ]) == whole)
        // Half of it is nothing.
        #expect(!tokens([(.zero, Array(answer.prefix(cut)))]).contains(whole[0]))
      }
    }
  }

  @Test(
    arguments: [
      "11;rgb:", "11;rgb:1/2", "11;rgb:1/2/3/4", "11;rgb:12345/0/0", "11;rgb:+1/0/0", "11;?",
      "10;rgb:0/0/0", "11;rgb:x/0/0", "111;rgb:0/0/0", "11;rgba:0/0/0", "11;#000000", "11;rgb:0//0",
      "11;rgb:0/0/0" + String(repeating: "0", count: 1000), "11;rgb:\u{E9}/0/0",
    ])
  func whatIsNoBackgroundIsSwallowed(_ text: String) {
    #expect(tokens("\u{1B}]\(text)\u{7}") == [.swallowed])
    #expect(tokens("\u{1B}P\(text)\u{1B}\\") == [.swallowed])
  }

  @Test func noiseIsNoKeyHoweverItIsCut() {
    for sequence in TerminalNoise.sequences {
      #expect(!tokens([(.zero, sequence)]).contains { $0.isKey }, "\(sequence)")
      for cut in 1..<max(2, sequence.count) {
        // After ESC alone the pause is that of the Escape key.
        let pause = sequence[cut - 1] == 0x1B ? InputParser.escapePause : InputParser.sequencePause
        let pieces = [
          (Duration.zero, Array(sequence.prefix(cut))),
          (pause - .milliseconds(1), Array(sequence.dropFirst(cut))),
        ]
        #expect(!tokens(pieces).contains { $0.isKey }, "\(sequence) cut at \(cut)")
      }
    }
  }

  /// Any number of them, one after another, in pieces of any size at any pace.
  @Test func noiseInAnyOrderAtAnyPaceIsNoKey() {
    var dice = Dice(10)
    for _ in 0..<2000 {
      var pieces: [(Duration, [UInt8])] = []
      for _ in 0..<Int.random(in: 1...6, using: &dice) {
        var rest = TerminalNoise.sequences.randomElement(using: &dice) ?? []
        if Bool.random(using: &dice) { rest = Self.unknownSequence(&dice) }
        var pause = Duration.milliseconds(Int.random(in: 0...3000, using: &dice))
        while !rest.isEmpty {
          let count = Int.random(in: 1...rest.count, using: &dice)
          pieces.append((pause, Array(rest.prefix(count))))
          let most = rest[count - 1] == 0x1B ? 149 : 999
          pause = .milliseconds(Int.random(in: 0...most, using: &dice))
          rest.removeFirst(count)
        }
      }
      let keys = tokens(pieces).filter(\.isKey)
      #expect(keys.isEmpty, "\(keys) from \(pieces)")
    }
  }

  /// A control sequence with parameters that no key has.
  private static func unknownSequence(_ dice: inout Dice) -> [UInt8] {
    var bytes = Array("\u{1B}[".utf8) + [UInt8.random(in: 0x3C...0x3F, using: &dice)]
    for _ in 0..<Int.random(in: 0...90, using: &dice) {
      bytes.append(UInt8.random(in: 0x30...0x3B, using: &dice))
    }
    return bytes + [UInt8.random(in: 0x40...0x7E, using: &dice)]
  }

  /// Beyond the Escape key's pause, its tail is still the tail of a sequence.
  @Test func aSequenceIsWholeEvenAfterItsEscapeWasTakenForTheKey() {
    let arrow = tokens([(.zero, [0x1B]), (.milliseconds(300), Array("[A".utf8))])
    #expect(arrow == [.key(.escape), .key(.up)])
    let report = tokens([
      (.zero, [0x1B]), (.milliseconds(200), Array("[5;8".utf8)),
      (.milliseconds(800), Array("1R".utf8)),
    ])
    #expect(report == [.key(.escape), .swallowed])
    // Later it is somebody who types.
    let typed = tokens([(.zero, [0x1B]), (.milliseconds(700), Array("[".utf8))])
    #expect(typed == [.key(.escape), .key(.character("["))])
  }

  @Test func whatNeverEndsIsGivenUpAndControlCEndsItAtOnce() {
    for begun in ["\u{1B}[", "\u{1B}]0;", "\u{1B}P", "\u{1B}[M ", "\u{1B}O", "\u{1B}[[", "\u{1B} "]
    {
      let later = tokens([(.zero, Array(begun.utf8)), (.seconds(1), Array("q".utf8))])
      #expect(later == [.swallowed, .key(.character("q"))], "\(begun)")
      let broken = tokens([(.zero, Array(begun.utf8)), (.milliseconds(500), [0x03])])
      #expect(broken == [.swallowed, .key(.control("c"))], "\(begun)")
    }
  }

  @Test func pastedTextIsTextAndNothingElse() {
    let paste = "\u{1B}[200~q\r\u{3}\u{1B}[A\u{1B}[20x\n\u{1B}[201~"
    #expect(
      tokens(paste + "j") == [.pasted("q\r\u{3}\u{1B}[A\u{1B}[20x\n"), .key(.character("j"))])
    #expect(
      tokens(paste.utf8.map { (.milliseconds(100), [$0]) })
        == [.pasted("q\r\u{3}\u{1B}[A\u{1B}[20x\n")])
    // Escape shortly before takes nothing of it away, and one without end ends.
    #expect(tokens("\u{1B}\u{1B}[200~q\u{1B}[201~") == [.pasted("q")])
    #expect(tokens("\u{1B}[200~half") == [.pasted("half")])
    let long = String(repeating: "a", count: 100_000)
    guard case .pasted(let kept) = tokens("\u{1B}[200~\(long)\u{1B}[201~").first else {
      Issue.record("no paste")
      return
    }
    #expect(kept.utf8.count == InputParser.pasteLimit)
  }

  @Test func theFocusIsReported() {
    #expect(tokens("\u{1B}[I\u{1B}[O") == [.focused(true), .focused(false)])
  }

  @Test func anyBytesAtAllEndInAQuietParser() {
    var dice = Dice(1)
    var parser = InputParser(KeySequences())
    for round in 0..<2000 {
      let bytes = (0..<500).map { _ in UInt8.random(in: 0...255, using: &dice) }
      let now = Duration.milliseconds(round)
      _ = parser.take(bytes, at: now)
    }
    while let deadline = parser.deadline { _ = parser.expire(at: deadline) }
    #expect(parser.isIdle)
    #expect(parser.take([0x71], at: .seconds(100)) == [.key(.character("q"))])
  }
}

extension InputParser.Token {
  var isKey: Bool { if case .key = self { true } else { false } }
}
