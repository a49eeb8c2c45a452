package import Discovery
package import FleetModel
internal import Terms

/// Whom sources name at their last looks, and what was said of those.
///
///     DiscoverySource ─ ServerList ─> take ─> who is new, who is gone, what is to be told
package struct NamedServers: Sendable {
  private var lists: [ServerSource: [Target: NamedServer]] = [:]
  /// What was said of a source's last look.
  private var said: [ServerSource: [String]] = [:]
  /// How often any list has changed.
  package private(set) var changes = 0

  package init() {}

  /// What a list changes.
  struct Change {
    /// In the order of the list.
    var new: [Target] = []
    var gone: Set<Target> = []
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
    change.news = say(list.remarks, of: source, at: now)
    if let shards = list.shards { change.news.append(.shards(shards)) }
    let servers = list.servers.map { $0.placed(by: place) }
    let before = lists[source] ?? [:]
    let after = Dictionary(servers.map { ($0.target, $0) }, uniquingKeysWith: { $1 })
    lists[source] = after
    changes += 1
    change.new = servers.map(\.target).filter { before[$0] == nil }
    change.gone = Set(before.keys).subtracting(after.keys)
    change.news += Self.told(
      Set(after.keys).subtracting(before.keys), named: true, by: source, after, at: now)
    return change
  }

  /// Takes why a source names nobody new: its last list stays.
  mutating func take(
    _ fault: DiscoveryFault, from source: ServerSource, at now: Instant
  ) -> [Observation.News] {
    let rest = lists[source] == nil ? "it is looked at again" : "its last list stays"
    return say(["\(fault); \(rest)"], of: source, at: now)
  }

  /// Tells of servers that a source no longer names, and somebody else does.
  func told(noLonger targets: Set<Target>, by source: ServerSource, at now: Instant)
    -> [Observation.News]
  {
    Self.told(targets, named: false, by: source, [:], at: now)
  }

  /// Says what is wrong with a source, once until it is something else.
  private mutating func say(
    _ remarks: [String], of source: ServerSource, at now: Instant
  ) -> [Observation.News] {
    let known = said.updateValue(remarks, forKey: source) ?? []
    return remarks.filter { !known.contains($0) }
      .map { .event(FleetEvent(at: now, .remark(.warning, $0))) }
  }

  /// Servers alike make one event.
  private static func told(
    _ targets: Set<Target>, named: Bool, by source: ServerSource,
    _ servers: [Target: NamedServer], at now: Instant
  ) -> [Observation.News] {
    struct Group: Hashable {
      let kind: Target.Kind
      let cell: String?
    }
    let groups = Dictionary(grouping: targets.sorted()) {
      Group(kind: $0.kind, cell: servers[$0]?.cell)
    }
    return groups.sorted { ($0.value[0]) < ($1.value[0]) }.map { group, targets in
      .event(
        FleetEvent(
          at: now,
          named
            ? .serversNamed(group.kind, cell: group.cell, by: source)
            : .serversNoLongerNamed(group.kind, by: source),
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
