/// Why a call to a server gave no answer that can be used, over HTTP or gRPC.
///
/// The text is for the operator: the server's own words in full where it gave any.
package struct CallFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Kind: Sendable, Equatable {
    /// No server could be reached: nothing was sent.
    case unreachable
    /// The server said no, or the request was never made.
    case refused
    /// The server does not know the call.
    case unimplemented
    /// It was sent and no answer came.
    case lost
  }

  package let kind: Kind
  package let description: String

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// What becomes of an action whose request fails so: what was lost may have been carried out.
  package var outcome: ActionReport.Outcome {
    switch kind {
    case .unreachable: .notSent
    case .refused, .unimplemented: .failed
    case .lost: .unknown
    }
  }

  /// The same of one server's part in it.
  package var state: ActionReport.Part.State { kind == .lost ? .unknown : .failed }
}
