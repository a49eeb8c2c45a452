package import Terms

/// How routes stand: by their names, and by their places for who has looked one up before.
///
/// Names take longer to look up than all else that a statement's place asks for. None is ever taken
/// away, so that places stay.
package struct RouteStates: Sendable {
  package private(set) var names: [ShardName] = []
  package internal(set) var states: [Switchboard.RouteState] = []
  private var places: [ShardName: Int] = [:]

  package var count: Int { names.count }

  func index(of name: ShardName) -> Int? { places[name] }

  package internal(set) subscript(name: ShardName) -> Switchboard.RouteState? {
    get { places[name].map { states[$0] } }
    set {
      guard let newValue else { return }
      if let index = places[name] {
        states[index] = newValue
      } else {
        places[name] = names.count
        names.append(name)
        states.append(newValue)
      }
    }
  }
}

extension RouteStates: Sequence {
  package func makeIterator() -> Zip2Sequence<[ShardName], [Switchboard.RouteState]>.Iterator {
    zip(names, states).makeIterator()
  }
}
