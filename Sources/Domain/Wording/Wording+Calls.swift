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
    case .foreign(let status): "answered \(status), and not as vtadmin does"
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
    case .expired(let at): "its certificate expired on \(UTCTime(at).date)"
    case .untrusted:
      "nobody whom this side trusts has signed its certificate: --vtctld-grpc-ca names its authority"
    case .otherName(let name, let found):
      "its certificate is for "
        + (found.isEmpty ? "no name" : found.map(quote).joined(separator: ", "))
        + ", not for \(quote(name)): --vtctld-grpc-server-name gives another"
    case .wantsCertificate:
      "it wants a certificate of the client that it trusts: --vtctld-grpc-cert and --vtctld-grpc-key"
    case .speaksPlaintext:
      "it speaks plaintext, and is asked over TLS: --vtctld without any --vtctld-grpc-… asks in plaintext"
    case .noPlaintextHTTP2:
      "no gRPC in plaintext there: it speaks TLS, which --vtctld-grpc-ca asks for, or it is another port"
    }
  }
}
