package import Discovery
package import FleetModel
internal import Terms

/// Whom sources name at their last looks, and what was said of those.
///
///     DiscoverySource ─ ServerList ─> take ─> who is new, who is gone, what is to be told
package struct NamedServers: Sendable {
  private var lists: [ServerSource: [Target: NamedServer]] = [:]
  /// How each source stands that was looked at.
  private var standings: [ServerSource: SourceStanding] = [:]
  /// How often any list has changed.
  package private(set) var changes = 0

  package init() {}

  /// What a list changes.
  struct Change {
    /// In the order of the list.
    var new: [Target] = []
    /// As they were described.
    var gone: [Target: NamedServer] = [:]
    var news: [Observation.News] = []
  }

  func contains(_ target: Target) -> Bool { lists.values.contains { $0[target] != nil } }

  /// The tablets that any source names.
  var members: Set<Address> {
    lists.values.reduce(into: []) { members, list in
      members.formUnion(list.keys.lazy.filter { $0.kind.role == .member }.map(\.address))
    }
  }

  /// Each server as the first source by name describes it.
  package var all: [Target: NamedServer] {
    lists.sorted { $0.key < $1.key }.reduce(into: [:]) { all, list in
      all.merge(list.value) { first, _ in first }
    }
  }

  /// Takes whom a source names now; `place`: where a server is reached that listens at an address.
  mutating func take(
    _ list: ServerList, from source: ServerSource, placing place: (Address) -> Address,
    at now: Instant
  ) -> Change {
    var change = Change()
    change.news = note(
      SourceStanding(
        fault: list.fault?.description, namesServers: list.isWhole ? !list.servers.isEmpty : nil,
        remarks: list.remarks), of: source)
    if let shards = list.shards { change.news.append(.shards(shards)) }
    let servers = list.servers.map { $0.placed(by: place) }
    let before = lists[source] ?? [:]
    let after = Dictionary(servers.map { ($0.target, $0) }, uniquingKeysWith: { $1 })
    lists[source] = after
    changes += 1
    change.new = servers.map(\.target).filter { before[$0] == nil }
    change.gone = before.filter { after[$0.key] == nil }
    let moved = Set(
      after.values.lazy.filter { server in
        before[server.target].map { $0.source != server.source } ?? false
      }.map(\.target))
    change.news += Self.told(
      moved.union(change.new), named: true, by: source, after, at: now)
    change.news += Self.told(moved, named: false, by: source, before, at: now)
    return change
  }

  /// Takes why a source names nobody new, or that it names the same as before (nil): its last list stays.
  mutating func take(_ fault: DiscoveryFault?, from source: ServerSource) -> [Observation.News] {
    var standing = standings[source] ?? SourceStanding()
    standing.fault = fault?.description
    return note(standing, of: source)
  }

  /// Tells of servers that a source no longer names, and somebody else does.
  func told(
    noLonger servers: [Target: NamedServer], by source: ServerSource, at now: Instant
  ) -> [Observation.News] {
    Self.told(Set(servers.keys), named: false, by: source, servers, at: now)
  }

  /// Tells how a source stands where that is new.
  private mutating func note(
    _ standing: SourceStanding, of source: ServerSource
  ) -> [Observation.News] {
    standings.updateValue(standing, forKey: source) == standing ? [] : [.source(source, standing)]
  }

  /// Servers alike make one event.
  private static func told(
    _ targets: Set<Target>, named: Bool, by source: ServerSource,
    _ servers: [Target: NamedServer], at now: Instant
  ) -> [Observation.News] {
    struct Group: Hashable {
      let kind: Target.Kind
      let cell: String?
      let source: ServerSource
    }
    let groups = Dictionary(grouping: targets.sorted()) {
      Group(
        kind: $0.kind, cell: named ? servers[$0]?.cell : nil,
        source: servers[$0]?.source ?? source)
    }
    return groups.sorted { ($0.value[0]) < ($1.value[0]) }.map { group, targets in
      .event(
        FleetEvent(
          at: now,
          named
            ? .serversNamed(group.kind, cell: group.cell, by: group.source)
            : .serversNoLongerNamed(group.kind, by: group.source),
          sources: targets.map { .init($0.address) }))
    }
  }
}

extension DiscoverySource {
  /// Looks again and again for as long as the task runs, and hands on what each look brought.
  func follow(
    _ take: (Result<ServerList?, DiscoveryFault>) async -> Void
  ) async {
    var source = self
    while !Task.isCancelled {
      let result: Result<ServerList?, DiscoveryFault>
      do throws(DiscoveryFault) {
        result = .success(try await source.look())
      } catch {
        result = .failure(error)
      }
      if Task.isCancelled { return }
      await take(result)
      try? await Task.sleep(for: pause, tolerance: pause / 10)
    }
  }
}
