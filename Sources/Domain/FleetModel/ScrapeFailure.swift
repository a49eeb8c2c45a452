package import Terms

/// Why a target returned no reading.
package indirect enum ScrapeFailure: Error, Sendable, Hashable, Codable {
  case unreachable(Obstacle)
  case noAnswer(within: Duration)
  case noConnection(within: Duration)
  case refused(path: String, Refusal)
  case notUnderstood(path: String, Obscurity)
  /// What answers at the port does not speak HTTP.
  case foreign(ForeignProtocol)
  /// The address answers as a tablet other than the one it is listed for.
  case answersAsAnother(TabletView.Occupant)
  /// Whoever scrapes it for others got no answer either.
  case notScraped

  /// What stands between here and a server.
  package enum Obstacle: Sendable, Hashable, Codable {
    case hostNotResolved
    case refused
    case reset
    case noRoute
    /// The system gave up before any limit of ours.
    case timedOut
    /// This process, or the whole machine, has as many open files as it may.
    case tooManyOpenFiles
    case closed(isInAnswer: Bool)
    /// `reason`: as the system or a library puts it.
    case notConnected(reason: String?)
    case broken(reason: String?)
    case tls(TLSFault)
    /// There is no way through a proxy.
    case proxy(Address, ProxyFault)
  }

  /// Why there is no way through a proxy.
  package indirect enum ProxyFault: Sendable, Hashable, Codable {
    /// It cannot be reached itself.
    case unreachable(Obstacle)
    /// It answered with a status that refuses.
    case refused(status: Int)
  }

  /// Why no connection over TLS came about.
  package enum TLSFault: Sendable, Hashable, Codable {
    /// The server's certificate is not valid any more.
    case expired(at: Instant)
    /// It is signed by nobody this side trusts, or fails for a reason that the library does not tell.
    case untrusted
    /// The server's certificate is not for the name that was asked for; `found`: those in it; nil in
    /// what was recorded before they were told.
    case otherName(than: String?, found: [String]?)
    case wantsCertificate
    /// The server does not trust the client's certificate; `expired`: until when that was valid, where
    /// it no longer is.
    case ownRefused(expired: Instant?)
    case speaksPlaintext
    /// As the library puts it.
    case other(reason: String)
  }

  /// An answer that refuses.
  package enum Refusal: Sendable, Hashable, Codable {
    /// `to`: where it leads, which is not followed.
    case redirect(status: Int, to: String?)
    case wantsCredentials(status: Int)
    case denied
    /// By the server, or by the proxy on the way, which answers in its place.
    case deniedThrough(proxy: Address)
    case notFound(Foreign)
    case status(Int)

    package var status: Int {
      switch self {
      case .redirect(let status, _), .wantsCredentials(let status), .status(let status): status
      case .denied, .deniedThrough: 403
      case .notFound: 404
      }
    }
  }

  /// What a page that is not Vitess' says about itself.
  package struct Foreign: Sendable, Hashable, Codable {
    /// Its title, or else the software that says it answered.
    package let name: String?
    /// The path before its links to vtgate's or vttablet's pages: `/vtgate-1`.
    package let prefix: String?

    package init(name: String?, prefix: String?) {
      self.name = name
      self.prefix = prefix
    }
  }

  /// Why an answer is of no use.
  package enum Obscurity: Sendable, Hashable, Codable {
    case tooLong(mebibytes: Int)
    /// `status`: the one that no HTTP answer has; nil when there is none.
    case notHTTP(status: Int?)
    /// In an encoding that was not asked for.
    case compressed(String)
    case webPage(Foreign)
    /// `reason`: what is wrong with the text, in a few words.
    case malformed(reason: String)
    /// It is well-formed, but contains nothing of that kind of server.
    case ofAnother(than: String)
    /// It lacks a name that such a server always reports.
    case lacks(String, ofKind: String)
  }

  package enum ForeignProtocol: String, Sendable, Hashable, Codable {
    case tls, http2, mysql, ssh
  }

  package enum Kind: Sendable {
    case unreachable, timedOut, refusedByServer, notUnderstood, answersAsAnother
  }

  package var kind: Kind {
    switch self {
    case .unreachable, .notScraped: .unreachable
    case .noAnswer, .noConnection: .timedOut
    case .refused: .refusedByServer
    case .notUnderstood, .foreign: .notUnderstood
    case .answersAsAnother: .answersAsAnother
    }
  }
}

/// What was wrong with an otherwise useful answer.
package indirect enum ReadingComplaint: Sendable, Hashable, Codable {
  /// One of its pages could not be read.
  case page(String, ScrapeFailure)
  /// `reason`: what is wrong with the first, in a few words.
  case unreadableEntries(path: String, Int, reason: String)
  /// `/debug/gateway` lists this many tablets; those beyond the limit are left out.
  case tooManyTablets(Int, limit: Int)
  /// It lists more than are polled.
  case tabletsNotPolled(limit: Int)
  /// `/metrics` names more; the others are left out.
  case tooManyShards(limit: Int)
  /// A counter has a value that cannot be a count; `more`: how many others do.
  case unusableCount(metric: String, BadCount, more: Int)
  /// `problem`: what is wrong with the first of them; `more`: how many others there are.
  case malformedLines(first: Int, problem: String, more: Int)

  package struct BadCount: Sendable, Hashable, Codable {
    package let shard: ShardName?
    /// As it was reported; it may not be a number.
    package let value: String

    package init(_ value: Double, of shard: ShardName?) {
      self.value = "\(value)"
      self.shard = shard
    }
  }
}
