package import Terms

/// Why a call to a server gave no answer that can be used, over HTTP or gRPC.
///
/// A ``ScrapeFailure`` is of a page that is read again and again; this is of a call that is made once
/// and may change the cluster, so that it says first whether it can have been carried out.
package struct CallFailure: Error, Sendable, Equatable, Codable {
  package enum Kind: Sendable, Equatable, Codable {
    /// No server could be reached: nothing was sent.
    case unreachable
    /// The server said no, or the request was never made.
    case refused
    /// The server does not know the call.
    case unimplemented
    /// It was sent and no answer came: it may have been carried out.
    case lost
  }

  /// Who was called.
  package enum Callee: Sendable, Equatable, Codable {
    case vtctld(Address)
    case vtadmin
    case tablet(Target)
    /// As the operator or the program spelled it.
    case url(String)
  }

  package indirect enum Cause: Sendable, Equatable, Codable {
    /// The server's own words, in full, about a call by its name.
    case said(String, to: String?)
    /// What a library says of it.
    case reported(String)
    case noAnswer(within: Duration, to: String)
    /// It was ended on this side while it ran.
    case brokenOff(String)
    case connection(ConnectionFault)
    /// `wanted`: the name that the operator gave; `found`: those in the certificate.
    case certificate(wanted: String, found: [String])
    /// Neither the transport nor TLS tells more.
    case notConnected
    case page(ScrapeFailure)
    /// An answer over HTTP that says no.
    case answered(status: Int, words: String)
    /// Something else than vtadmin answered.
    case foreign(status: Int)
    case unknownShard(ShardName, cluster: String)
    /// From v22 on tablets take none over HTTP.
    case takesNoRules
    case noURL
    case noVtctldNamed
    case credentialsUnreadable(path: String)
    case credentialsMalformed(path: String)
    /// One of each server that was tried.
    case each([CallFailure])
  }

  /// Why no connection to vtctld came about, or why it ended before it carried any call.
  package enum ConnectionFault: Sendable, Equatable, Codable {
    case refused, unresolved, timedOut
    /// Nobody whom this side trusts has signed the server's certificate.
    case untrusted
    /// The server's certificate is not for this name.
    case otherName(than: String)
    case wantsCertificate
    case speaksPlaintext
    /// No HTTP/2 in plaintext: TLS, or another kind of server.
    case noPlaintextHTTP2
  }

  package let kind: Kind
  /// Nil where the cause says it, or nobody was called.
  package let callee: Callee?
  package let cause: Cause

  package init(_ kind: Kind, _ callee: Callee?, _ cause: Cause) {
    self.kind = kind
    self.callee = callee
    self.cause = cause
  }
}
