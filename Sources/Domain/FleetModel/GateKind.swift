internal import Terms

/// What a gate is.
package enum GateKind: String, Sendable, Hashable, Codable, CaseIterable {
  case vtgate
  /// `sluice proxy`: it holds statements for database servers as vtgate does for tablets.
  case proxy
}

/// Which kinds of gates a fact is about, so that it can be worded.
package enum Gates: String, Sendable, Hashable, Codable, CaseIterable {
  case vtgates, proxies, both

  /// An unknown kind is a vtgate, and so is that of nobody.
  package init(_ kinds: some Sequence<GateKind>) {
    let kinds = Set(kinds)
    self = kinds == [.proxy] ? .proxies : kinds.contains(.proxy) ? .both : .vtgates
  }

  package var hasProxies: Bool { self != .vtgates }
}

extension Target.Kind {
  /// What a vtgate is called once it has said that it is a proxy; nobody is polled as one.
  package static let proxy = Target.Kind(name: GateKind.proxy.rawValue, role: .gate)
  /// One that has not said which of the two it is.
  static let gate = Target.Kind(name: "gate", role: .gate)
}

extension VtgateState {
  package var kind: GateKind { watched.value?.proxy == nil ? .vtgate : .proxy }

  /// The server as it is told of, by what it has said that it is.
  package var server: Target { kind == .proxy ? Target(.proxy, address) : target }
}

extension Fleet {
  package var gates: Gates { Gates(vtgates.values.lazy.map(\.kind)) }

  /// The kinds of those that know a shard; where none does, of all.
  func gates(of shard: ShardName?) -> Gates {
    let all = gates
    guard all == .both, let shard else { return all }
    let own = vtgates.values.filter {
      $0.tablets?[shard] != nil || $0.watched.value?.buffers[shard] != nil
    }
    return own.isEmpty ? all : Gates(own.map(\.kind))
  }
}
