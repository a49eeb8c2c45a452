package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
package import Terms

/// vtadmin's HTTP API, for those who cannot reach a vtctld, or do not know their vtgates: v14 and later.
///
/// Source: go/vt/vtadmin/api.go and go/vt/vtadmin/http/shards.go. Every answer is
/// `{"result": …, "ok": …, "error": {"message": …}}`.
package struct VtadminClient: Sendable {
  /// `http://host:port` or `https://…`, without `/api`.
  package let base: String
  /// vtadmin's own name for the cluster.
  package let cluster: String

  package init(_ base: String, cluster: String) {
    self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    self.cluster = cluster
  }

  /// One call over connections of its own.
  private func call(
    _ url: String, body: String?, within deadline: Duration
  ) async throws(CallFailure) -> HTTPFetcher.Page {
    let fetcher = HTTPFetcher(deadline: deadline)
    let result: Result<HTTPFetcher.Page, CallFailure>
    do throws(CallFailure) {
      result = .success(try await fetcher.call(url, body: body, within: deadline))
    } catch {
      result = .failure(error)
    }
    await fetcher.shutdown()
    return try result.get()
  }

  /// Where a reparent is requested.
  package func url(of shard: ShardName, isEmergency: Bool) -> String {
    let path = [cluster, shard.keyspace, shard.shard].map(\.percentEncoded).joined(separator: "/")
    return "\(base)/api/shard/\(path)/\(isEmergency ? "emergency_failover" : "planned_failover")"
  }

  /// The shard's primary in topo; nil when it has none.
  package func primary(of shard: ShardName) async throws(CallFailure) -> TabletAlias? {
    let url = "\(base)/api/keyspaces?cluster_id=\(cluster.percentEncoded)"
    let page = try await call(url, body: nil, within: .seconds(5))
    let answer: Answer<Keyspaces> = try decode(page, url)
    guard
      let found = answer.result?.keyspaces?.first(where: { $0.keyspace?.name == shard.keyspace }),
      let record = found.shards?[shard.shard]
    else {
      throw CallFailure(.refused, .vtadmin, .unknownShard(shard, cluster: cluster))
    }
    return record.shard?.primary.map { TabletAlias(cell: $0.cell ?? "", uid: $0.uid ?? 0) }
  }

  /// The body of a reparent request.
  ///
  /// vtadmin reads it as plain JSON, not as protobuf JSON: seconds are a number.
  package static func body(
    to newPrimary: TabletAlias?, expecting expectedPrimary: TabletAlias,
    waitReplicasTimeout: Duration
  ) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let request = Request(
      newPrimary: newPrimary.map { Alias(cell: $0.cell, uid: $0.uid) },
      expectedPrimary: Alias(cell: expectedPrimary.cell, uid: expectedPrimary.uid),
      waitReplicasTimeout: .init(seconds: Int(waitReplicasTimeout.seconds.rounded())))
    return (try? encoder.encode(request)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// A vtgate as vtadmin has discovered it.
  package struct Gate: Sendable, Equatable {
    /// Of its gRPC port.
    package let hostname: String
    /// Of its web port; nil where discovery does not tell.
    package let fqdn: String?
    package let cell: String?
    package let keyspaces: [String]
  }

  /// The cluster's vtgates; none, and no failure, of a cluster that vtadmin does not know.
  package func gates() async throws(CallFailure) -> [Gate] {
    let url = "\(base)/api/gates?cluster_id=\(cluster.percentEncoded)"
    let answer: Answer<Gates> = try decode(
      try await call(url, body: nil, within: .seconds(5)), url)
    return (answer.result?.gates ?? []).map { gate in
      Gate(
        hostname: gate.hostname ?? "", fqdn: gate.fqdn, cell: gate.cell,
        keyspaces: gate.keyspaces ?? [])
    }
  }

  /// The ids of the clusters that vtadmin knows.
  package func clusters() async throws(CallFailure) -> [String] {
    let url = "\(base)/api/clusters"
    let answer: Answer<Clusters> = try decode(
      try await call(url, body: nil, within: .seconds(5)), url)
    return (answer.result?.clusters ?? []).compactMap(\.id)
  }

  /// Requests a reparent, once; `body` comes from ``body(to:expecting:waitReplicasTimeout:)``.
  package func reparent(
    _ shard: ShardName, isEmergency: Bool, body: String, within deadline: Duration
  ) async throws(CallFailure) -> (promoted: TabletAlias?, events: [String]) {
    let url = url(of: shard, isEmergency: isEmergency)
    let page = try await call(url, body: body, within: deadline)
    let answer: Answer<Reparented> = try decode(page, url)
    return (
      answer.result?.promoted.map { TabletAlias(cell: $0.cell ?? "", uid: $0.uid ?? 0) },
      answer.result?.events?.compactMap(\.value) ?? []
    )
  }

  private func decode<Result: Decodable>(
    _ page: HTTPFetcher.Page, _ url: String
  ) throws(CallFailure) -> Answer<Result> {
    guard let answer = try? JSONDecoder().decode(Answer<Result>.self, from: Data(buffer: page.body))
    else {
      // Something else answered: a gateway on the way may have passed the request on.
      throw CallFailure(
        (400..<500).contains(page.status) ? .refused : .lost,
        .url(url), .foreign(status: page.status, page: page.webPage))
    }
    guard answer.ok else {
      let words = answer.error?.message ?? "no reason"
      throw CallFailure(
        Self.tellsOfALostAnswer(words) ? .lost : .refused, .vtadmin,
        .said(String(words.prefix(2000)), to: nil))
    }
    return answer
  }

  /// vtadmin passes on what it heard from vtctld, which may be that it heard nothing.
  private static func tellsOfALostAnswer(_ words: String) -> Bool {
    [
      "code = Unavailable", "code = DeadlineExceeded", "code = Canceled", "deadline exceeded",
      "EOF",
    ]
    .contains { words.contains($0) }
  }

  private struct Answer<Result: Decodable>: Decodable {
    let ok: Bool
    let result: Result?
    let error: Reason?

    struct Reason: Decodable {
      let message: String?
    }
  }

  private struct Request: Encodable {
    let newPrimary: Alias?
    let expectedPrimary: Alias
    let waitReplicasTimeout: Wait

    enum CodingKeys: String, CodingKey {
      case newPrimary = "new_primary"
      case expectedPrimary = "expected_primary"
      case waitReplicasTimeout = "wait_replicas_timeout"
    }

    struct Wait: Encodable {
      let seconds: Int
    }
  }

  private struct Alias: Codable {
    let cell: String?
    let uid: UInt32?
  }

  private struct Keyspaces: Decodable {
    let keyspaces: [Entry]?

    struct Entry: Decodable {
      let keyspace: Named?
      let shards: [String: Shard]?
    }

    struct Named: Decodable {
      let name: String?
    }

    struct Shard: Decodable {
      let shard: Record?
    }

    struct Record: Decodable {
      let primary: Alias?

      enum CodingKeys: String, CodingKey { case primary = "primary_alias" }
    }
  }

  /// `GetGatesResponse` of proto/vtadmin.proto.
  private struct Gates: Decodable {
    let gates: [Entry]?

    struct Entry: Decodable {
      let hostname: String?
      let cell: String?
      let keyspaces: [String]?
      let fqdn: String?

      enum CodingKeys: String, CodingKey {
        case hostname, cell, keyspaces
        case fqdn = "FQDN"
      }
    }
  }

  /// `GetClustersResponse` of proto/vtadmin.proto.
  private struct Clusters: Decodable {
    let clusters: [Entry]?

    struct Entry: Decodable {
      let id: String?
    }
  }

  private struct Reparented: Decodable {
    let promoted: Alias?
    let events: [Event]?

    enum CodingKeys: String, CodingKey {
      case promoted = "promoted_primary"
      case events
    }

    struct Event: Decodable {
      let value: String?
    }
  }
}
