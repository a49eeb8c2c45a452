/// Whose turn it is: what a client may send on now, so that each statement can be placed on its own.
///
/// After a query, or the Sync that ends a batch of the extended protocol, nothing more goes to the
/// server until it has said ReadyForQuery; a client that sends several at once does not notice.
///
///     idle ── Parse, Bind, … ──> open ── Sync, Query ──> owed ── ReadyForQuery ──> idle
///                                │  └── CopyInResponse ──> copying <──┘ │
///                                └── error ──> failed ── Sync ──────────┘
package struct Exchange: Sendable, Equatable {
  /// `failed`: the server passes over everything up to a Sync, and answers nothing else.
  private enum State: Sendable { case idle, open, owed, copying, failed }

  private var state = State.idle
  private var isExtended = false
  /// A query was sent behind an open batch.
  private var isMixed = false
  /// Something of a batch, or a query behind it, has failed, and nobody can tell which: the server has
  /// passed over the query, and waits for a Sync, or it has not.
  package private(set) var isUnclear = false

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
    case (.copyDone, _), (.copyFail, _), (.query, .failed), (.functionCall, .failed): break
    case (.query, _), (.functionCall, _):
      isMixed = state == .open
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
    case (.errorResponse, .copying): state = isExtended ? .failed : .owed
    case (.errorResponse, .open): state = .failed
    case (.errorResponse, .owed) where isMixed: isUnclear = true
    case (.readyForQuery, _): self = Exchange()
    default: break
    }
  }
}
