package import NIOCore

/// A statement that does nothing but begin or end a transaction.
package enum TransactionStep: Sendable, Equatable {
  case begin
  case end

  /// With the comments that drivers put before it, in bytes.
  private static let longest = 4096

  /// Nil for all others: those that do more as well (AND CHAIN, WITH CONSISTENT SNAPSHOT), and several
  /// statements in one.
  package init?(_ sql: ByteBuffer) {
    guard sql.readableBytes <= Self.longest else { return nil }
    var tokens = StatementTokens(Array(sql.readableBytesView), escapes: true)
    var words: [String] = []
    while let token = tokens.next() {
      if token.isSymbol(";"), tokens.next() == nil { break }
      guard case .word(let word) = token, words.count < 4 else { return nil }
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
