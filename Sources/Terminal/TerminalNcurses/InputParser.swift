internal import TerminalKit

/// Splits a terminal's bytes into keys, pasted text and what is neither.
///
/// A state machine for the syntax of ECMA-48 rather than a list of known sequences: anything
/// unknown is swallowed whole, so that no part of it ever becomes a key. Where the bytes are split
/// and how much time passes between them changes nothing, up to a pause after which nothing more is
/// expected; the pause starts anew with each byte.
struct InputParser {
  enum Token: Equatable {
    case key(Key)
    /// Text between the brackets of DECSET 2004.
    case pasted(String)
    case focused(Bool)
    /// The mouse, if it is read.
    case mouse(MouseAction)
    /// The terminal's answer to OSC 11.
    case background(TerminalBackground)
    /// Something complete that is not a key: an unknown sequence, Alt with a key, half a character.
    case swallowed
  }

  /// The longest pause after an ESC byte; after that it was the Escape key.
  static let escapePause = Duration.milliseconds(150)
  /// The longest pause inside a sequence; after that its end is no longer expected.
  static let sequencePause = Duration.seconds(1)
  /// The longest pause inside pasted text.
  static let pastePause = Duration.seconds(2)
  /// How long after an ESC byte that was taken for the Escape key the rest of a sequence still
  /// counts as one.
  static let belated = Duration.milliseconds(500)
  /// The most of a paste that is kept, in bytes.
  static let pasteLimit = 4096
  private static let sequenceLimit = 64
  /// The most of an operating system command that is kept, in bytes.
  private static let commandLimit = 64

  private enum State: Equatable {
    case ground
    /// After this many ESC bytes.
    case escape(Int)
    /// In a sequence of the terminal's own.
    case own
    /// After ESC and intermediates: one more byte ends it.
    case intermediate
    case control
    /// After CSI and another bracket, with which the Linux console begins its function keys.
    case linuxFunction
    case single
    /// In a mouse report: this many coordinates are missing; half of one may have arrived.
    case mouse(missing: Int, isHalf: Bool)
    /// In a string that ends with ST, or, for an operating system command, also with BEL.
    case string(endsWithBell: Bool)
    case stringEscape(endsWithBell: Bool)
    case paste(matched: Int)
    /// In a UTF-8 character: this many bytes are missing. With Alt it is not a key.
    case character(missing: Int, isSwallowed: Bool)
  }

  private let sequences: KeySequences
  /// If not, a mouse report is swallowed like anything unknown.
  private let readsMouse: Bool
  private var state = State.ground
  /// The sequence's bytes, or the character's.
  private var bytes: [UInt8] = []
  private var pasted: [UInt8] = []
  /// The text of an operating system command.
  private var command: [UInt8] = []
  private var lastByteAt = Duration.zero
  /// When the ESC byte arrived that was taken for the Escape key.
  private var escapedAt: Duration?

  init(_ sequences: KeySequences, readsMouse: Bool = false) {
    self.sequences = sequences
    self.readsMouse = readsMouse
  }

  /// Nothing has begun that another byte would continue.
  var isIdle: Bool { state == .ground }

  /// When what has begun is abandoned, as a time since any fixed moment; nil when nothing has
  /// begun.
  var deadline: Duration? { pause.map { lastByteAt + $0 } }

  private var isPasting: Bool { if case .paste = state { true } else { false } }

  private var pause: Duration? {
    switch state {
    case .ground: nil
    case .escape: Self.escapePause
    case .paste: Self.pastePause
    default: Self.sequencePause
    }
  }

  /// Takes what was read at one time.
  mutating func take(_ input: some Sequence<UInt8>, at now: Duration) -> [Token] {
    var tokens: [Token] = []
    for byte in input { take(byte, at: now, &tokens) }
    lastByteAt = now
    return tokens
  }

  /// Abandons what has begun, if its pause is over.
  ///
  /// To be called when nothing more can be read: time that bytes spent waiting to be read is not a
  /// pause.
  mutating func expire(at now: Duration) -> [Token] {
    guard let deadline, now >= deadline else { return [] }
    defer { state = .ground }
    switch state {
    case .escape(let count):
      escapedAt = lastByteAt
      return Array(repeating: .key(.escape), count: min(2, count))
    case .paste: return [endPaste()]
    default: return [.swallowed]
    }
  }

  private mutating func take(_ byte: UInt8, at now: Duration, _ tokens: inout [Token]) {
    if byte == Self.interrupt, !isIdle, !isPasting {
      // No sequence contains it, so Control and C ends one that never ends by itself.
      state = .ground
      tokens += [.swallowed, .key(.control("c"))]
      return
    }
    switch state {
    case .ground: begin(byte, at: now, &tokens)
    case .escape(let count): follow(byte, after: count, &tokens)
    case .own: takeOwn(byte, &tokens)
    case .intermediate: takeIntermediate(byte, &tokens)
    case .control: takeControl(byte, &tokens)
    case .linuxFunction:
      if byte == Self.escape { restart(&tokens) } else { end(.swallowed, &tokens) }
    case .single: takeSingle(byte, &tokens)
    case .mouse(let missing, let isHalf): takeMouse(byte, missing, isHalf, at: now, &tokens)
    case .string(let endsWithBell):
      switch byte {
      case Self.escape: state = .stringEscape(endsWithBell: endsWithBell)
      case Self.cancel, Self.substitute: end(.swallowed, &tokens)
      case Self.bell where endsWithBell: endCommand(&tokens)
      // One byte more than is kept makes it unknown.
      case _ where endsWithBell && command.count <= Self.commandLimit: command.append(byte)
      default: break
      }
    case .stringEscape(let endsWithBell):
      if byte == UInt8(ascii: "\\") {
        if endsWithBell { endCommand(&tokens) } else { end(.swallowed, &tokens) }
      } else {
        // The string was cut off, and something else has begun.
        tokens.append(.swallowed)
        bytes = [Self.escape]
        follow(byte, after: 1, &tokens)
      }
    case .paste(let matched): takePasted(byte, matched, &tokens)
    case .character(let missing, let isSwallowed):
      takeCharacter(byte, missing, isSwallowed, at: now, &tokens)
    }
  }

  private mutating func end(_ token: Token, _ tokens: inout [Token]) {
    state = .ground
    tokens.append(token)
  }

  private mutating func endCommand(_ tokens: inout [Token]) {
    end(TerminalBackground(answer: command).map { .background($0) } ?? .swallowed, &tokens)
  }

  // MARK: Characters

  private static let interrupt: UInt8 = 0x03
  private static let bell: UInt8 = 0x07
  private static let cancel: UInt8 = 0x18
  private static let substitute: UInt8 = 0x1A
  private static let escape: UInt8 = 0x1B

  private mutating func begin(_ byte: UInt8, at now: Duration, _ tokens: inout [Token]) {
    if let escaped = escapedAt {
      escapedAt = nil
      if now - escaped < Self.belated, Self.introducers.contains(byte) {
        bytes = [Self.escape]
        return follow(byte, after: 1, &tokens)
      }
    }
    switch byte {
    case Self.escape:
      bytes = [byte]
      state = .escape(1)
    case 0x0A, 0x0D: tokens.append(.key(.enter))
    case 0x08, 0x7F: tokens.append(.key(.backspace))
    case 0x09: tokens.append(.key(.tab))
    case 0x01...0x1A:
      tokens.append(.key(.control(Character(Unicode.Scalar(byte + 0x60)))))
    case 0x20..<0x7F: tokens.append(.key(.character(Character(Unicode.Scalar(byte)))))
    // C1 controls stand for ESC and a letter.
    case 0x80..<0xA0:
      bytes = [Self.escape]
      follow(byte - 0x40, after: 1, &tokens)
    case 0xC2..<0xF5: beginCharacter(byte, isSwallowed: false)
    default: tokens.append(.swallowed)
    }
  }

  /// What may follow a belated ESC: CSI, SS3, and the strings.
  private static let introducers = Set("[O]P_".utf8)

  private mutating func beginCharacter(_ byte: UInt8, isSwallowed: Bool) {
    bytes = [byte]
    let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    state = .character(missing: length - 1, isSwallowed: isSwallowed)
  }

  private mutating func takeCharacter(
    _ byte: UInt8, _ missing: Int, _ isSwallowed: Bool, at now: Duration, _ tokens: inout [Token]
  ) {
    guard byte & 0xC0 == 0x80 else {
      end(.swallowed, &tokens)
      return begin(byte, at: now, &tokens)
    }
    bytes.append(byte)
    guard missing == 1 else {
      state = .character(missing: missing - 1, isSwallowed: isSwallowed)
      return
    }
    state = .ground
    let text = String(validating: bytes, as: UTF8.self)
    guard !isSwallowed, let scalar = text?.unicodeScalars.first else {
      tokens.append(.swallowed)
      return
    }
    if (0x80..<0xA0).contains(scalar.value) {
      bytes = [Self.escape]
      follow(UInt8(scalar.value) - 0x40, after: 1, &tokens)
    } else {
      tokens.append(.key(.character(Character(scalar))))
    }
  }

  // MARK: Sequences

  /// Takes the byte after ESC.
  private mutating func follow(_ byte: UInt8, after count: Int, _ tokens: inout [Token]) {
    bytes.append(byte)
    if count == 1, sequences.hasBeginning(bytes) {
      state = .own
      return finishOwn(&tokens)
    }
    switch byte {
    case Self.escape:
      bytes = [Self.escape]
      state = .escape(count + 1)
    // With Alt, as some terminals send it: not the key itself.
    case _ where count > 1 && (byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O")):
      bytes = [Self.escape, Self.escape, byte]
      state = byte == UInt8(ascii: "[") ? .control : .single
    case UInt8(ascii: "["): state = .control
    case UInt8(ascii: "O"): state = .single
    case UInt8(ascii: "]"):
      command = []
      state = .string(endsWithBell: true)
    // No terminal answers with the other strings (`ESC X`, `ESC ^`): those are keys with Alt, or typed
    // right after Escape, and as strings they would take what is typed next.
    case UInt8(ascii: "P"), UInt8(ascii: "_"): state = .string(endsWithBell: false)
    case 0x20..<0x30: state = .intermediate
    case 0xC2..<0xF5: beginCharacter(byte, isSwallowed: true)
    // Alt with a key.
    default: end(.swallowed, &tokens)
    }
  }

  private mutating func takeOwn(_ byte: UInt8, _ tokens: inout [Token]) {
    bytes.append(byte)
    guard sequences.hasBeginning(bytes) else { return end(.swallowed, &tokens) }
    finishOwn(&tokens)
  }

  private mutating func finishOwn(_ tokens: inout [Token]) {
    if let key = sequences.key(bytes) { end(.key(key), &tokens) }
  }

  private mutating func takeIntermediate(_ byte: UInt8, _ tokens: inout [Token]) {
    switch byte {
    case Self.escape: restart(&tokens)
    case 0x20..<0x30: break
    default: end(.swallowed, &tokens)
    }
  }

  private mutating func restart(_ tokens: inout [Token]) {
    tokens.append(.swallowed)
    bytes = [Self.escape]
    state = .escape(1)
  }

  private mutating func takeControl(_ byte: UInt8, _ tokens: inout [Token]) {
    switch byte {
    case Self.escape: restart(&tokens)
    case Self.cancel, Self.substitute: end(.swallowed, &tokens)
    case 0x20..<0x40:
      // One byte more than is kept makes it unknown.
      if bytes.count <= Self.sequenceLimit { bytes.append(byte) }
    case 0x40..<0x7F:
      bytes.append(byte)
      finishControl(&tokens)
    case 0xC2..<0xF5: beginCharacter(byte, isSwallowed: true)
    case 0x80...: end(.swallowed, &tokens)
    // Other control characters do not belong here.
    default: break
    }
  }

  private mutating func finishControl(_ tokens: inout [Token]) {
    if let key = sequences.key(bytes) { return end(.key(key), &tokens) }
    // An Escape key pressed shortly before is not part of these.
    let report = String(decoding: bytes.drop { $0 == Self.escape }, as: UTF8.self)
    switch report {
    case "[200~":
      pasted = []
      state = .paste(matched: 0)
    case "[I": end(.focused(true), &tokens)
    case "[O": end(.focused(false), &tokens)
    case "[[": state = .linuxFunction
    // xterm's mouse: a report, and with highlighting the ends of the selection.
    case "[M": state = .mouse(missing: 3, isHalf: false)
    case "[t": state = .mouse(missing: 2, isHalf: false)
    case "[T": state = .mouse(missing: 6, isHalf: false)
    default:
      let action = readsMouse ? MouseAction(report: report) : nil
      end(action.map { .mouse($0) } ?? .swallowed, &tokens)
    }
  }

  private mutating func takeSingle(_ byte: UInt8, _ tokens: inout [Token]) {
    switch byte {
    case Self.escape: restart(&tokens)
    // Modifiers, where some terminals put them.
    case UInt8(ascii: "0")...UInt8(ascii: ";"):
      if bytes.count <= Self.sequenceLimit { bytes.append(byte) }
    case 0xC2..<0xF5: beginCharacter(byte, isSwallowed: true)
    default:
      bytes.append(byte)
      end(sequences.key(bytes).map { .key($0) } ?? .swallowed, &tokens)
    }
  }

  /// A coordinate is one byte, or two in UTF-8; which it is cannot be seen, so two bytes are taken
  /// wherever they may be one coordinate.
  private mutating func takeMouse(
    _ byte: UInt8, _ missing: Int, _ isHalf: Bool, at now: Duration, _ tokens: inout [Token]
  ) {
    var missing = missing
    var isHalf = isHalf
    if byte == Self.escape { return restart(&tokens) }
    if isHalf, byte & 0xC0 == 0x80 {
      isHalf = false
    } else if missing == 0 {
      end(.swallowed, &tokens)
      return begin(byte, at: now, &tokens)
    } else {
      missing -= 1
      isHalf = (0xC2..<0xE0).contains(byte)
    }
    if missing == 0, !isHalf { return end(.swallowed, &tokens) }
    state = .mouse(missing: missing, isHalf: isHalf)
  }

  // MARK: Pastes

  private static let pasteEnd = Array("\u{1B}[201~".utf8)

  private mutating func takePasted(_ byte: UInt8, _ matched: Int, _ tokens: inout [Token]) {
    if byte == Self.pasteEnd[matched] {
      guard matched + 1 == Self.pasteEnd.count else {
        state = .paste(matched: matched + 1)
        return
      }
      return end(endPaste(), &tokens)
    }
    // ESC occurs only at the start of the end marker, so no other start of it is missed.
    let isBeginning = byte == Self.escape
    if pasted.count < Self.pasteLimit {
      pasted += Self.pasteEnd.prefix(matched) + (isBeginning ? [] : [byte])
    }
    state = .paste(matched: isBeginning ? 1 : 0)
  }

  private mutating func endPaste() -> Token {
    defer { pasted = [] }
    return .pasted(String(decoding: pasted.prefix(Self.pasteLimit), as: UTF8.self))
  }
}
