/// What a peer sent is not Postgres' protocol, or beyond a limit: the connection cannot go on.
package struct ProtocolViolation: Error, Equatable {
  /// A sentence for the peer and the log; holds nothing that the peer sent.
  package let message: String

  package init(_ message: String) { self.message = message }

  /// `protocol_violation`, as a server says it before it hangs up.
  package var response: PostgresError {
    PostgresError(.fatal, .protocolViolation, message)
  }
}
