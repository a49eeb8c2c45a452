package import NIOCore

/// A statement that does nothing but begin or end a transaction.
package enum TransactionStep: Sendable, Equatable {
  case begin
  case end

  /// Nil for all others: those that do more as well (AND CHAIN, WITH CONSISTENT SNAPSHOT), and several
  /// statements in one.
  package init?(_ sql: ByteBuffer) {
    // None of them is longer, unless by its comments.
    guard sql.readableBytes <= 200 else { return nil }
    var tokens = StatementTokens(Array(sql.readableBytesView), escapes: true)
    var words: [String] = []
    while let token = tokens.next() {
      if token.isSymbol(";"), tokens.next() == nil { break }
      guard case .word(let word) = token else { return nil }
      words.append(word)
    }
    switch words {
    case ["BEGIN"], ["BEGIN", "WORK"], ["START", "TRANSACTION"],
      ["START", "TRANSACTION", "READ", "WRITE"], ["START", "TRANSACTION", "READ", "ONLY"]:
      self = .begin
    case ["COMMIT"], ["COMMIT", "WORK"], ["ROLLBACK"], ["ROLLBACK", "WORK"]: self = .end
    default: return nil
    }
  }
}
