package import FleetModel
internal import Terms

extension Wording {
  /// Why a call failed: `vtctld h:15999: PlannedReparentShard: …`, the server's words in full.
  package func words(_ failure: CallFailure) -> String {
    let words = words(failure.cause)
    switch (failure.callee, failure.cause) {
    case (let callee?, .answered), (let callee?, .foreign), (let callee?, .takesNoRules),
      (let callee?, .unknownShard), (let callee?, .unknownCluster):
      return "\(name(callee)) \(words)"
    // They begin with the page, which is the URL.
    case (.url?, .page(.refused)), (.url?, .page(.notUnderstood)): return words
    case (let callee?, _): return "\(name(callee)): \(words)"
    case (nil, _): return words
    }
  }

  private func name(_ callee: CallFailure.Callee) -> String {
    switch callee {
    case .vtctld(let address): "vtctld \(name(address))"
    case .vtadmin: "vtadmin"
    case .tablet(let target): name(target)
    case .url(let url): quote(url)
    }
  }

  private func words(_ cause: CallFailure.Cause) -> String {
    switch cause {
    case .said(let words, let call?): "\(call): \(quote(words))"
    case .said(let words, nil), .reported(let words): quote(words)
    case .noAnswer(let time, let call): "\(call) had no answer within \(time.inTenths)"
    case .brokenOff(let call): "\(call): broken off from here"
    case .connection(let fault): words(fault)
    case .notConnected: "cannot connect, or its TLS does not fit"
    case .page(let failure): words(failure)
    case .answered(let status, let words): "answered \(status): \(quote(words))"
    case .wantsCredentials(let words, let call):
      "\(call): \(quote(words)): --grpc-auth-static-client-creds"
    case .foreign(let status, let page):
      "answered \(status)"
        + (page.map { " with a web page (HTML)\(origin($0))" } ?? "")
        + ([401, 407].contains(status)
          ? ": it wants credentials, and vtadmin is sent none" : ", and not as vtadmin does")
    case .unknownShard(let shard, let cluster): "knows no shard \(shard) of cluster \(cluster)"
    case .unknownCluster(let cluster, let known):
      "knows no cluster \(quote(cluster))"
        + (known.isEmpty ? "" : ", but \(known.map(quote).joined(separator: ", "))")
    case .takesNoRules: "takes no rules over HTTP: it is v22 or later"
    case .noURL: "is no http:// or https:// URL with a host"
    case .noVtctldNamed: "no vtctld is named: --vtctld HOST:PORT"
    case .credentialsUnreadable(let path): "cannot read the credentials in \(path)"
    case .credentialsMalformed(let path):
      "\(path) must hold {\"Username\": \"...\", \"Password\": \"...\"}"
    case .each(let failures): failures.map { words($0) }.joined(separator: "; ")
    }
  }

  /// What is wrong and what to look at.
  private func words(_ fault: CallFailure.ConnectionFault) -> String {
    switch fault {
    case .refused: "connection refused"
    case .unresolved: "host name cannot be resolved"
    case .timedOut: "no connection in time"
    case .expired(let at): TLSWords.vtctld.expired(at)
    case .untrusted: TLSWords.vtctld.untrusted
    case .otherName(let name, let found):
      TLSWords.vtctld.otherName(than: quote(name), found: found.map(quote))
    case .wantsCertificate: TLSWords.vtctld.wantsCertificate
    case .ownRefused(let expired): TLSWords.vtctld.ownRefused(expired)
    case .speaksPlaintext:
      "it speaks plaintext, and is asked over TLS: --vtctld without any --vtctld-grpc-… asks in plaintext"
    case .noPlaintextHTTP2:
      "no gRPC in plaintext there: it speaks TLS, which --vtctld-grpc-ca asks for, or it is another port"
    case .noHTTP2:
      "the port speaks TLS and no gRPC behind it, as a web port does: \(Self.grpcWanted)"
    case .webPort: "the port speaks HTTP/1, as a web port does: \(Self.grpcWanted)"
    case .foreign(.tls):
      "the port speaks TLS, and is asked in plaintext: --vtctld-grpc-ca asks over TLS"
    case .foreign(.http2): "the port speaks HTTP/2, and no gRPC: \(Self.grpcWanted)"
    case .foreign(.mysql): "the port speaks MySQL's protocol: \(Self.grpcWanted)"
    case .foreign(.ssh): "the port speaks SSH: \(Self.grpcWanted)"
    }
  }

  private static let grpcWanted = "the gRPC port is wanted"
}
