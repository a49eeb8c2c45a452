internal import TerminalKit

/// Gathers what arrives together, and says for each key whether it came alone.
///
/// A person presses one key at a time. Bytes that arrive with others, or close to others, come from
/// a paste, from the terminal itself, or have been waiting somewhere on the way; whatever they
/// would do was not decided by anyone who saw the screen.
struct InputGate {
  enum Output: Equatable {
    case keys([KeyPress])
    case pasted(String)
    case focused(Bool)
    case mouse(MouseAction)
    case background(TerminalBackground)
  }

  /// After a pause this long, what has arrived is complete.
  static let quiet = Duration.milliseconds(25)
  /// While bytes keep coming, what has arrived is passed on this often.
  static let longestGathering = Duration.milliseconds(50)
  /// A key counts as alone only this long after anything that came together.
  static let distance = Duration.milliseconds(100)
  /// The most keys of one gathering: nobody types more in that time.
  ///
  /// More than that is text pasted without brackets, or a key held down for longer than anybody has
  /// been looking.
  static let mostKeys = 16
  private static let mostTokens = 512

  private var parser: InputParser
  private var tokens: [InputParser.Token] = []
  /// When the first byte of this gathering arrived, and the last one.
  private var beganAt: Duration?
  private var lastAt = Duration.zero
  /// When something other than a key alone last arrived.
  private var companyAt: Duration?

  init(_ sequences: KeySequences, readsMouse: Bool = false) {
    parser = InputParser(sequences, readsMouse: readsMouse)
  }

  /// When to call ``due(at:)``; nil while there is nothing to wait for.
  var deadline: Duration? {
    let whole = tokens.isEmpty ? nil : gatheringEnd
    return [whole, parser.deadline].compactMap(\.self).min()
  }

  private var gatheringEnd: Duration {
    min(lastAt + Self.quiet, (beganAt ?? lastAt) + Self.longestGathering)
  }

  /// Takes what was read, at a time since any fixed moment.
  mutating func take(_ bytes: some Collection<UInt8>, at now: Duration) {
    guard !bytes.isEmpty else { return }
    beganAt = beganAt ?? now
    lastAt = now
    gather(parser.take(bytes, at: now))
  }

  /// What is complete by now; to be called when nothing more can be read.
  mutating func due(at now: Duration) -> [Output] {
    gather(parser.expire(at: now))
    guard !tokens.isEmpty, now >= gatheringEnd else { return [] }
    return handOn(at: now)
  }

  private mutating func gather(_ fresh: [InputParser.Token]) {
    for token in fresh {
      // If there are too many, the last one is kept, because it may be Control and C.
      if tokens.count == Self.mostTokens { tokens.removeLast() }
      tokens.append(token)
    }
  }

  private mutating func handOn(at now: Duration) -> [Output] {
    let isQuiet =
      now - lastAt >= Self.quiet && parser.isIdle
      && companyAt.map { (beganAt ?? now) - $0 >= Self.distance } ?? true
    let keys = tokens.compactMap { token in
      if case .key(let key) = token { key } else { nil }
    }
    let isAlone = isQuiet && tokens.count == 1 && keys.count == 1
    let isHeldDown = keys.count == tokens.count && Self.areHeldDown(keys)
    if !isAlone, !isHeldDown || !parser.isIdle { companyAt = lastAt }
    defer {
      tokens = []
      beganAt = nil
    }
    // Somebody waiting for held-down keys to be worked off presses Control and C after them.
    if let last = keys.last, last == .control("c"), isQuiet, keys.count == tokens.count,
      Self.areHeldDown(keys.dropLast())
    {
      return [.keys([KeyPress(last)])]
    }
    if keys.count > Self.mostKeys, !Self.areHeldDown(keys) { return [.pasted(Self.text(tokens))] }

    var outputs: [Output] = []
    if !keys.isEmpty {
      outputs.append(
        .keys(keys.prefix(Self.mostKeys).map { KeyPress($0, cameAlone: isAlone) }))
    }
    for token in tokens {
      switch token {
      case .pasted(let text): outputs.append(.pasted(text))
      case .focused(let isFocused): outputs.append(.focused(isFocused))
      case .mouse(let action): outputs.append(.mouse(action))
      case .background(let background): outputs.append(.background(background))
      case .key, .swallowed: break
      }
    }
    return outputs
  }

  /// Whether they are keys that move, or one key over and over.
  private static func areHeldDown(_ keys: some Collection<Key>) -> Bool {
    let moving: Set<Key> = [.up, .down, .left, .right, .pageUp, .pageDown]
    return keys.allSatisfy { moving.contains($0) } || keys.allSatisfy { $0 == keys.first }
  }

  /// The text of a paste without brackets.
  private static func text(_ tokens: [InputParser.Token]) -> String {
    tokens.reduce(into: "") { text, token in
      switch token {
      case .key(.character(let character)): text.append(character)
      case .key(.enter): text.append("\n")
      case .key(.tab): text.append("\t")
      case .pasted(let more): text += more
      default: break
      }
    }
  }
}
