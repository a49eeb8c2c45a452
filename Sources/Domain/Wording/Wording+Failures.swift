package import FleetModel
internal import Terms

extension Wording {
  /// Why a server returned no reading, without a period.
  package func words(_ failure: ScrapeFailure) -> String {
    switch failure {
    case .unreachable(let obstacle): words(obstacle)
    case .noAnswer(let time): "no answer within \(time.inTenths)"
    case .noConnection(let time): "no connection within \(time.inTenths)"
    case .refused(let path, let refusal):
      "\(path) answered \(refusal.status)\(words(refusal, of: path))"
    case .notUnderstood(let path, let obscurity): "\(path) \(words(obscurity))"
    case .foreign(let other): words(other)
    case .answersAsAnother(let occupant): words(occupant)
    case .notScraped: "it could not be scraped"
    }
  }

  /// What was wrong with an answer that was used all the same.
  package func words(_ complaint: ReadingComplaint) -> String {
    switch complaint {
    case .page(let path, let failure):
      if case .refused = failure {
        words(failure)
      } else if case .notUnderstood = failure {
        words(failure)
      } else {
        "\(path): \(words(failure))"
      }
    case .unreadableEntries(let path, let count, let reason):
      "\(path) has \(count == 1 ? "an entry" : "\(count) entries") that cannot be read: "
        + quote(reason)
    case .tooManyTablets(let count, let limit):
      "/debug/gateway names \(count.grouped) tablets: those beyond \(limit.grouped) are left out"
    case .tabletsNotPolled(let limit):
      "it names more tablets than the \(limit.grouped) that are polled"
    case .tooManyShards(let limit):
      "/metrics names more than \(limit.grouped) shards: the others are left out"
    case .unusableCount(let metric, let bad, let more):
      "/metrics has no usable \(metric)\(bad.shard.map { " of \($0)" } ?? "") (it says \(bad.value))"
        + (more > 0 ? ", nor \(more.grouped) more" : "")
    case .malformedLines(let first, let problem, let more):
      "/metrics line \(first) \(problem)" + (more > 0 ? ", and \(more.grouped) more lines" : "")
    }
  }

  /// `address answers as zone1-302 of logs/0`.
  package func words(_ occupant: TabletView.Occupant) -> String {
    "address answers as \(name(occupant))"
  }

  private func words(_ obstacle: ScrapeFailure.Obstacle) -> String {
    switch obstacle {
    case .hostNotResolved: "host name cannot be resolved"
    case .refused: "connection refused"
    case .reset: "connection reset"
    case .noRoute: "no route to host"
    case .tooManyOpenFiles: "too many open files here: raise ulimit -n"
    case .timedOut: "connection timed out"
    case .closed(isInAnswer: true): "connection closed in the middle of an answer"
    case .closed(isInAnswer: false): "connection closed without an answer"
    case .notConnected(let reason): "cannot connect\(after(reason))"
    case .broken(let reason): "connection failed\(after(reason))"
    case .tls(let fault): words(fault)
    case .proxy(let proxy, let fault): "proxy \(name(proxy)): \(words(fault))"
    }
  }

  private func words(_ fault: ScrapeFailure.ProxyFault) -> String {
    switch fault {
    case .unreachable(let obstacle): words(obstacle)
    case .refused(407): "it wants credentials: http_proxy=http://NAME:PASSWORD@HOST:PORT"
    case .refused(let status): "it answered \(status) instead of connecting"
    }
  }

  private func words(_ fault: ScrapeFailure.TLSFault) -> String {
    switch fault {
    case .expired(let at): TLSWords.http.expired(at)
    case .untrusted: TLSWords.http.untrusted
    case .otherName(let name, let found):
      TLSWords.http.otherName(than: name.map { quote($0) }, found: found?.map { quote($0) })
    case .wantsCertificate: TLSWords.http.wantsCertificate
    case .ownRefused(let expired): TLSWords.http.ownRefused(expired)
    case .speaksPlaintext: "it speaks plaintext, and is asked over TLS: http:// is wanted"
    case .other(let reason): "TLS failed: \(quote(reason))"
    }
  }

  private func after(_ reason: String?) -> String { reason.map { ": \(quote($0))" } ?? "" }

  private func words(_ refusal: ScrapeFailure.Refusal, of path: String) -> String {
    switch refusal {
    case .redirect(_, let place):
      ": a redirect\(place.map { " to \(quote($0))" } ?? ""), which is not followed"
        + (place.flatMap { server(of: path, in: $0) }.map { ": --http-redirect \(name($0)) does" }
          ?? "")
    case .wantsCredentials(407):
      ": the proxy wants credentials: http_proxy=http://NAME:PASSWORD@HOST:PORT"
    case .wantsCredentials: ": it wants (other) credentials: --http-credentials"
    case .denied: ": access is denied"
    case .deniedThrough(let proxy): ": access is denied, by it or by the proxy \(name(proxy))"
    case .notFound(let page):
      // Most fronts answer an unknown path with a line of their own that mentions no other path, so
      // a prefix cannot be told from a wrong port.
      "\(origin(page)): \(place(page) ?? "another server, or its pages are under a prefix")"
    case .status: ""
    }
  }

  /// The server to which a redirect leads, where it leads to the same page there.
  private func server(of path: String, in place: String) -> Address? {
    guard place.hasPrefix("http"), place.hasSuffix(path) else { return nil }
    return Address(String(place.dropLast(path.count)))?.withoutPrefix
  }

  private func words(_ obscurity: ScrapeFailure.Obscurity) -> String {
    switch obscurity {
    case .tooLong(let mebibytes): "is longer than \(mebibytes) MiB"
    case .notHTTP(nil): "is not HTTP"
    case .notHTTP(let status?): "is not HTTP: it answered with status \(status)"
    case .compressed(let coding): "is compressed (\(quote(coding))), which was not asked for"
    case .webPage(let page):
      "is a web page (HTML)\(origin(page)): \(place(page) ?? "another server, or a front")"
    case .malformed(let reason): "is not understood: \(quote(reason))"
    case .ofAnother(let kind): "has nothing of a \(kind) in it"
    case .lacks(let name, let kind): "has no \(name), so this is no \(kind)"
    }
  }

  private func words(_ other: ScrapeFailure.ForeignProtocol) -> String {
    switch other {
    case .tls: "the port speaks TLS, and is asked in plaintext: https:// is wanted"
    case .http2: "the port speaks HTTP/2, as gRPC does: the web port is wanted"
    case .mysql: "the port speaks MySQL's protocol: the web port is wanted"
    case .ssh: "the port speaks SSH: the web port is wanted"
    }
  }

  /// Whose page it is, as far as the page says.
  func origin(_ page: ScrapeFailure.Foreign) -> String {
    // The title of an error page is often the status again, which is nobody's name.
    page.name.flatMap { $0.hasPrefix("404") ? nil : " by \"\(quote($0))\"" } ?? ""
  }

  private func place(_ page: ScrapeFailure.Foreign) -> String? {
    page.prefix.map {
      "its links lead to pages of Vitess under \(quote($0)): give that with the address"
    }
  }
}
