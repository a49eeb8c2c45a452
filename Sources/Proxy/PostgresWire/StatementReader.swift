package import NIOCore

/// Reads from a query's text what each of its statements leaves behind in the session.
///
/// It reads words, not grammar, and knows the limits of that: what functions, procedures, `DO` and
/// rules do inside is not seen; a statement that merely mentions a function of advisory locks or
/// `set_config` counts as one that calls it.
package struct StatementReader {
  /// So many statements of one query are told apart.
  private static let mostStatements = 1_000

  private var tokens: SQLTokens
  private let text: ByteBuffer
  private var head: [SQLTokens.Token] = []
  private var start = 0
  private var previous = ""
  private var marks: Marks = []
  /// Open brackets, and blocks of a function's body.
  private var depth = (brackets: 0, blocks: 0)

  /// What stands somewhere in a statement.
  private struct Marks: OptionSet {
    let rawValue: Int
    static let advisoryLock = Marks(rawValue: 1)
    static let unlockAll = Marks(rawValue: 2)
    static let setConfig = Marks(rawValue: 4)
    static let withHold = Marks(rawValue: 8)
    static let temporarySchema = Marks(rawValue: 16)
    static let intoTemporary = Marks(rawValue: 32)
    static let onCommitDrop = Marks(rawValue: 64)
  }

  /// The effects of each statement, in their order; an empty statement is none.
  package static func effects(
    of text: ByteBuffer, isBackslashEscape: Bool = false
  ) -> [[SessionEffect]] {
    if leavesNothing(text) { return [[]] }
    var reader = StatementReader(text, isBackslashEscape)
    var statements: [[SessionEffect]] = []
    while let effects = reader.statement() {
      guard statements.count < mostStatements else {
        statements[mostStatements - 1].append(.pin(.tooMuch))
        break
      }
      statements.append(effects)
    }
    return statements
  }

  /// Whether it is one of those that nearly all are, told without taking it apart: it begins as one
  /// that leaves nothing, and has no second statement and none of the words that would leave something.
  private static func leavesNothing(_ text: ByteBuffer) -> Bool {
    text.withUnsafeReadableBytes { bytes in
      func stands(_ word: StaticString, at start: Int) -> Bool {
        let count = word.utf8CodeUnitCount
        guard start >= 0, start + count <= bytes.count else { return false }
        return (0..<count).allSatisfy { bytes[start + $0] | 0x20 == word.utf8Start[$0] }
      }
      guard
        stands("select ", at: 0) || stands("insert ", at: 0) || stands("update ", at: 0)
          || stands("delete ", at: 0)
      else { return false }
      for (index, byte) in bytes.enumerated() {
        // At their rarest letters.
        switch byte | 0x20 {
        case UInt8(ascii: ";") where index < bytes.count - 1: return false
        case UInt8(ascii: "f") where stands("config", at: index - 3),
          UInt8(ascii: "v") where stands("advisory", at: index - 2),
          UInt8(ascii: "m") where stands("temp", at: index - 2):
          return false
        default: break
        }
      }
      return true
    }
  }

  private init(_ text: ByteBuffer, _ isBackslashEscape: Bool) {
    self.text = text
    tokens = SQLTokens(text.readableBytesView, isBackslashEscape: isBackslashEscape)
  }

  /// Nil at the end of the text.
  private mutating func statement() -> [SessionEffect]? {
    (head, previous, marks, depth) = ([], "", [], (0, 0))
    while let token = tokens.next() {
      if token == .sign(UInt8(ascii: ";")), depth.brackets <= 0, depth.blocks <= 0 {
        if !head.isEmpty { return effects(upTo: tokens.tokenStart) }
        continue
      }
      if head.isEmpty { start = tokens.tokenStart }
      if head.count < 8 { head.append(token) }
      look(at: token)
    }
    return head.isEmpty ? nil : effects(upTo: tokens.index)
  }

  private mutating func look(at token: SQLTokens.Token) {
    switch token {
    case .sign(UInt8(ascii: "(")), .sign(UInt8(ascii: "[")): depth.brackets += 1
    case .sign(UInt8(ascii: ")")), .sign(UInt8(ascii: "]")): depth.brackets -= 1
    case .word(let word):
      mark(word)
      previous = word
      return
    default: break
    }
    previous = ""
  }

  private mutating func mark(_ word: String) {
    switch (previous, word) {
    case ("with", "hold"): marks.insert(.withHold)
    case ("commit", "drop"): marks.insert(.onCommitDrop)
    case ("into", "temp"), ("into", "temporary"): marks.insert(.intoTemporary)
    case (_, "pg_temp"): marks.insert(.temporarySchema)
    case (_, "set_config"): marks.insert(.setConfig)
    case (_, "pg_advisory_unlock_all"): marks.insert(.unlockAll)
    case (_, "pg_advisory_lock"), (_, "pg_advisory_lock_shared"), (_, "pg_try_advisory_lock"),
      (_, "pg_try_advisory_lock_shared"):
      marks.insert(.advisoryLock)
    case ("begin", "atomic"): depth.blocks = 1
    case (_, "case") where depth.blocks > 0: depth.blocks += 1
    case (_, "end") where depth.blocks > 0: depth.blocks -= 1
    default: break
    }
  }

  // MARK: Effects

  private func effects(upTo end: Int) -> [SessionEffect] {
    var effects = ownEffects(upTo: end)
    if marks.contains(.advisoryLock) { effects.append(.pin(.advisoryLocks)) }
    if marks.contains(.unlockAll) { effects.append(.unpin(.advisoryLocks)) }
    if marks.contains(.setConfig) { effects.append(.pin(.functionSettings)) }
    if marks.contains(.intoTemporary) { effects.append(.pin(.temporaryTables)) }
    return effects
  }

  private func ownEffects(upTo end: Int) -> [SessionEffect] {
    switch word(0) {
    case "set":
      if let name = setting(after: 1) {
        return kept(upTo: end) { text in
          // Several of them may hold together: each stands for itself.
          .set(name: name == "characteristics" ? text : name, text: text)
        }
      }
    case "prepare":
      if let name = word(1), name != "transaction" {
        return kept(upTo: end) { .prepare(name: name, text: $0) }
      }
    case "reset" where word(1) == "all": return [.reset(name: nil)]
    case "reset": return setting(after: 1).map { [.reset(name: $0)] } ?? []
    case "deallocate": return deallocated
    case "discard": return discarded
    case "listen": return [.pin(.listening)]
    case "unlisten" where head.dropFirst().first == .sign(UInt8(ascii: "*")):
      return [.unpin(.listening)]
    case "declare" where marks.contains(.withHold): return [.pin(.heldCursors)]
    case "close" where word(1) == "all": return [.unpin(.heldCursors)]
    case "load": return [.pin(.library)]
    case "create" where isTemporary: return [.pin(.temporaryTables)]
    case "rollback" where head.contains(.word("to")): return [.rollBackToSavepoint]
    default: break
    }
    return []
  }

  /// The effect of a statement that has to be said again, in these words, on a new server.
  private func kept(upTo end: Int, _ effect: (String) -> SessionEffect) -> [SessionEffect] {
    String(validating: text.readableBytesView[start..<end], as: UTF8.self).map { [effect($0)] }
      ?? [.pin(.encoding)]
  }

  /// The name of what a SET or a RESET is about; nil where it ends with the transaction.
  private func setting(after index: Int) -> String? {
    switch (word(index), word(index + 1)) {
    case ("local", _), ("transaction", _), ("constraints", _), (nil, _): nil
    case ("session", "authorization"): "session_authorization"
    case ("session", "characteristics"): "characteristics"
    case ("session", .some) where index == 1: setting(after: 2)
    case ("time", "zone"): "timezone"
    case ("names", _): "client_encoding"
    case ("schema", _): "search_path"
    case ("xml", "option"): "xmloption"
    case (let name?, _): dotted(name, from: index + 1)
    }
  }

  private func dotted(_ name: String, from index: Int) -> String {
    guard head.count > index + 1, head[index] == .sign(UInt8(ascii: ".")),
      let part = word(index + 1)
    else { return name.lowercased() }
    return dotted("\(name).\(part)", from: index + 2)
  }

  private var deallocated: [SessionEffect] {
    guard let name = word(1) == "prepare" ? word(2) : word(1) else { return [] }
    return [.deallocate(name: name == "all" ? nil : name)]
  }

  private var discarded: [SessionEffect] {
    switch word(1) {
    case "all": [.discardAll]
    case "temp", "temporary": [.unpin(.temporaryTables)]
    default: []
    }
  }

  private var isTemporary: Bool {
    guard !marks.contains(.onCommitDrop) else { return false }
    let between: [SQLTokens.Token] = ["or", "replace", "global", "local"].map { .word($0) }
    let kind = head.dropFirst().first { !between.contains($0) }
    return kind == .word("temp") || kind == .word("temporary") || marks.contains(.temporarySchema)
  }

  private func word(_ index: Int) -> String? {
    guard head.indices.contains(index), case .word(let word) = head[index] else { return nil }
    return word
  }
}
