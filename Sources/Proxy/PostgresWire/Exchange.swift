/// Whose turn it is: what a client may send on now, so that each statement can be placed on its own.
///
/// After a query, or the Sync that ends a batch of the extended protocol, nothing more goes to the
/// server until it has said ReadyForQuery; a client that sends several at once does not notice.
///
///     idle ── Parse, Bind, … ──> open ── Sync, Query ──> owed ── ReadyForQuery ──> idle
///                                  └── CopyInResponse ──> copying <──┘
package struct Exchange: Sendable, Equatable {
  private enum State: Sendable { case idle, open, owed, copying }

  private var state = State.idle
  private var isExtended = false

  package init() {}

  /// Nothing is under way.
  package var isIdle: Bool { state == .idle }

  /// The server wants data.
  package var isCopying: Bool { state == .copying }

  /// A message of the client may go to the server.
  package var mayPass: Bool { state != .owed }

  /// Takes note of a client's message that goes to the server.
  package mutating func sent(_ kind: FrontendKind) {
    switch (kind, state) {
    // While it copies, a server passes over Sync and Flush.
    case (.sync, .copying), (.flush, _), (.copyData, _), (.terminate, _), (.password, _): break
    case (.copyDone, .copying), (.copyFail, .copying): state = isExtended ? .open : .owed
    case (.copyDone, _), (.copyFail, _): break
    case (.query, _), (.functionCall, _):
      isExtended = false
      state = .owed
    case (.sync, _):
      isExtended = true
      state = .owed
    case (.parse, _), (.bind, _), (.describe, _), (.execute, _), (.close, _):
      isExtended = true
      if state == .idle { state = .open }
    }
  }

  /// Takes note of a server's message.
  package mutating func received(_ kind: BackendKind) {
    switch (kind, state) {
    case (.copyInResponse, .open), (.copyInResponse, .owed), (.copyBothResponse, _):
      state = .copying
    // After an error in a batch, everything is passed over up to the next Sync.
    case (.errorResponse, .copying): state = isExtended ? .open : .owed
    case (.readyForQuery, _): state = .idle
    default: break
    }
  }
}
