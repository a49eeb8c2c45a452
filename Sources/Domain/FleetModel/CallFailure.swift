package import Terms

/// Why a call to a server, over HTTP or gRPC, brought no usable answer.
///
/// A ``ScrapeFailure`` is about a page that is read again and again; this is about a call that is
/// made once and may change the cluster, so it says first whether the call can have been carried
/// out.
package struct CallFailure: Error, Sendable, Equatable, Codable {
  package enum Kind: Sendable, Equatable, Codable {
    /// No server could be reached: nothing was sent.
    case unreachable
    /// The server refused, or the request was never made.
    case refused
    /// The server does not know the call.
    case unimplemented
    /// It was sent and never answered: it may have been carried out.
    case lost
  }

  /// The server that was called.
  package enum Callee: Sendable, Equatable, Codable {
    case vtctld(Address)
    case vtadmin
    case tablet(Target)
    /// As the operator or the program spelled it.
    case url(String)
  }

  package indirect enum Cause: Sendable, Equatable, Codable {
    /// The server's own words, in full; `to`: the name of the call.
    case said(String, to: String?)
    /// What a library reports.
    case reported(String)
    case noAnswer(within: Duration, to: String)
    /// It was cancelled on this side while it ran.
    case brokenOff(String)
    case connection(ConnectionFault)
    /// Neither the transport nor TLS says more.
    case notConnected
    case page(ScrapeFailure)
    /// The server's own words about who called, or that nobody said; `to`: the name of the call.
    case wantsCredentials(String, to: String)
    /// An HTTP answer that refuses.
    case answered(status: Int, words: String)
    /// Something other than vtadmin answered; `page`: a web page, and whose.
    case foreign(status: Int, page: ScrapeFailure.Foreign?)
    case unknownShard(ShardName, cluster: String)
    /// `known`: the clusters that it does know.
    case unknownCluster(String, known: [String])
    /// From v22 on tablets accept none over HTTP.
    case takesNoRules
    case noURL
    case noVtctldNamed
    case credentialsUnreadable(path: String)
    case credentialsMalformed(path: String)
    /// One failure for each server that was tried.
    case each([CallFailure])
  }

  /// Why no connection to vtctld was made, or why it ended before it carried any call.
  package enum ConnectionFault: Sendable, Equatable, Codable {
    case refused, unresolved, timedOut
    /// The server's certificate is not valid any more.
    case expired(at: Instant)
    /// It is signed by nobody this side trusts, or fails for a reason that the library does not tell.
    case untrusted
    /// The server's certificate is not for the name that the operator gave; `found`: those in it.
    case otherName(than: String, found: [String])
    case wantsCertificate
    /// The server does not trust the client's certificate; `expired`: as of ``ScrapeFailure/TLSFault``.
    case ownRefused(expired: Instant?)
    case speaksPlaintext
    /// No HTTP/2 in plaintext: TLS, or another kind of server.
    case noPlaintextHTTP2
    /// TLS, and no HTTP/2 behind it.
    case noHTTP2
    /// HTTP/1, as a web port speaks it.
    case webPort
    case foreign(ScrapeFailure.ForeignProtocol)
  }

  package let kind: Kind
  /// Nil when the cause names it, or nobody was called.
  package let callee: Callee?
  package let cause: Cause

  package init(_ kind: Kind, _ callee: Callee?, _ cause: Cause) {
    self.kind = kind
    self.callee = callee
    self.cause = cause
  }
}
