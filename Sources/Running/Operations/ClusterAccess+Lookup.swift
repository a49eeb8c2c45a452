package import Actions
internal import FleetModel
package import Terms
internal import VitessClient
internal import VtctldClient

extension ClusterAccess {
  /// What a preflight needs in addition to the fleet; takes a second or two.
  ///
  /// `tablet`: one that can report its release; `vtgates`: those whose query rates count.
  @concurrent package func facts(
    of shard: ShardName, tablet: TabletAlias?, vtgates: [Address]
  ) async -> ReparentPreflight.Facts {
    async let rates = rates(of: shard, vtgates)
    var facts = await topoFacts(of: shard, tablet: tablet)
    facts.rates = await rates
    return facts
  }

  private func topoFacts(of shard: ShardName, tablet: TabletAlias?) async -> ReparentPreflight.Facts
  {
    var facts = ReparentPreflight.Facts()
    guard let vtctld else {
      guard let vtadmin else {
        facts.topoFailure = CallFailure(.unreachable, nil, .noVtctldNamed)
        return facts
      }
      do throws(CallFailure) {
        facts.topo = TopoShard(
          primary: try await vtadmin.primary(of: shard))
      } catch {
        facts.topoFailure = error
      }
      return facts
    }
    do throws(CallFailure) {
      return try await vtctld.withConnection { connection throws(CallFailure) in
        var facts = ReparentPreflight.Facts()
        facts.topo = try await connection.shard(shard)
        facts.durabilityPolicy =
          connection.keyspaces.first { $0.name == shard.keyspace }?.durabilityPolicy
        guard let asked = tablet ?? facts.topo?.primary else { return facts }
        async let checks = connection.checksExpectedPrimary(in: asked.cell)
        // A tablet that does not answer costs only this line.
        facts.release = await release(of: asked, in: shard.keyspace, connection)
        facts.checksExpectedPrimary = await checks
        return facts
      }
    } catch {
      facts.topoFailure = error
      return facts
    }
  }

  /// A tablet's release: what vtctld finds, or else what the tablet itself reports.
  private func release(
    of tablet: TabletAlias, in keyspace: String, _ connection: VtctldConnection
  ) async -> Release {
    if let release = try? await connection.release(of: tablet), !release.isUnknown {
      return release
    }
    let records = (try? await connection.tablets(of: keyspace)) ?? []
    guard let address = records.first(where: { $0.alias == tablet })?.address else {
      return .unknown
    }
    let fetcher = HTTPFetcher(deadline: .seconds(3), http)
    let profile = try? await TabletInquiry(fetcher).profile(at: address)
    await fetcher.shutdown()
    guard let profile, profile.alias == tablet else { return .unknown }
    return profile.release
  }

  private func rates(of shard: ShardName, _ vtgates: [Address]) async -> [Address: Double] {
    let fetcher = HTTPFetcher(deadline: .seconds(3), http)
    let calls = CallRate(fetcher)
    let rates = await withTaskGroup(of: (Address, Double?).self) { group in
      for vtgate in vtgates {
        group.addTask { (vtgate, (try? await calls.measure(vtgate))?[shard, default: 0]) }
      }
      var rates: [Address: Double] = [:]
      for await (vtgate, rate) in group { rates[vtgate] = rate }
      return rates
    }
    await fetcher.shutdown()
    return rates
  }

  /// A tablet's release from every source there is, and the apps that asked its throttler within
  /// the last hour; nil when those are not reported (before v21).
  @concurrent package func throttler(
    of tablet: TabletAlias, in keyspace: String
  ) async -> (release: Release, recentApps: [String]?) {
    guard let vtctld else { return (.unknown, nil) }
    let fetcher = HTTPFetcher(deadline: .seconds(3), http)
    let desk = TabletDesk(ThrottlerCalls(fetcher), TabletInquiry(fetcher))
    let found = try? await vtctld.withConnection { connection throws(CallFailure) in
      let records = (try? await connection.tablets(of: keyspace)) ?? []
      let record =
        records.first { $0.alias == tablet }
        ?? TopoTablet(alias: tablet, type: .unknown, address: nil)
      async let recent = try? connection.throttlerStatus(of: tablet).recent
      let looked = await KeyspaceSurvey.look(at: record, of: keyspace, connection, desk)
      return (looked.release, await recent)
    }
    await fetcher.shutdown()
    return found ?? (.unknown, nil)
  }
}
