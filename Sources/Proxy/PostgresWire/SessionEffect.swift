/// What a statement leaves behind in its session, beyond its transaction.
package enum SessionEffect: Sendable, Equatable {
  /// A setting, by the statement that makes it.
  case set(name: String, text: String)
  /// Back to what the session began with; nil: all settings.
  case reset(name: String?)
  case prepare(name: String, text: String)
  /// Nil: all prepared statements.
  case deallocate(name: String?)
  /// As if the session had just begun.
  case discardAll
  case pin(Pin)
  case unpin(Pin)
  /// Whether what the transaction has set so far still holds is not known.
  case rollBackToSavepoint

  /// Whether it comes to nothing when its transaction is rolled back.
  var isTransactional: Bool {
    switch self {
    case .set, .reset, .rollBackToSavepoint: true
    case .pin(let pin), .unpin(let pin): pin.isTransactional
    case .prepare, .deallocate, .discardAll: false
    }
  }
}

/// What ties a session to its server: it cannot be made again on another one.
package enum Pin: String, Sendable, Hashable, CaseIterable {
  case temporaryTables = "temporary tables"
  case advisoryLocks = "advisory locks"
  case listening = "LISTEN"
  case heldCursors = "cursors WITH HOLD"
  case functionSettings = "settings made by set_config"
  case library = "a library loaded by LOAD"
  case encoding = "settings or prepared statements that are not in UTF-8"
  case savepoint = "settings made in a transaction that went back to a savepoint"
  case tooMuch = "more settings and prepared statements than are kept"

  var isTransactional: Bool {
    switch self {
    case .temporaryTables, .listening, .heldCursors, .functionSettings: true
    case .advisoryLocks, .library, .encoding, .savepoint, .tooMuch: false
    }
  }
}
