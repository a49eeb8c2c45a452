internal import FleetModel
internal import Terms

/// Which tablets the vtgates list, and since when none of them lists one.
struct ListedTablets {
  /// The tablets that each vtgate listed last.
  private var lists: [Address: Set<Address>] = [:]
  /// Since when no vtgate has listed a tablet.
  private var absentSince: [Address: Instant] = [:]
  /// Some tablet may be listed by no vtgate; until something changes, none is.
  private(set) var mayBeAbsent = false

  /// Whether no vtgate has told its list.
  var isEmpty: Bool { lists.isEmpty }

  func contains(_ tablet: Address) -> Bool { lists.values.contains { $0.contains(tablet) } }

  /// Takes what a vtgate lists now; false: it is what it listed before.
  mutating func take(_ tablets: Set<Address>, of vtgate: Address) -> Bool {
    guard lists[vtgate] != tablets else { return false }
    lists[vtgate] = tablets
    mayBeAbsent = true
    return true
  }

  /// A vtgate is silent: its last list must not keep tablets that the others saw leave.
  mutating func noteSilence(of vtgate: Address) {
    if lists.count > 1 { dropList(of: vtgate) }
  }

  /// A server is asked no longer.
  mutating func forget(_ server: Target) {
    switch server.kind.role {
    case .gate: dropList(of: server.address)
    case .member: absentSince[server.address] = nil
    }
  }

  private mutating func dropList(of vtgate: Address) {
    if lists.removeValue(forKey: vtgate) != nil { mayBeAbsent = true }
  }

  /// Somebody else names a tablet no longer: it is for the vtgates to say whether it has left.
  mutating func doubt() { mayBeAbsent = true }

  /// Those of `tablets` that nobody has listed for `time`, nor named besides.
  mutating func gone(
    of tablets: Set<Address>, unless named: Set<Address>, for time: Duration, at instant: Instant
  ) -> Set<Address> {
    // Most vtgates list exactly the same tablets.
    var last: Set<Address> = []
    var present = named
    for list in lists.values where list != last {
      present.formUnion(list)
      last = list
    }
    mayBeAbsent = false
    return tablets.filter { tablet in
      guard !present.contains(tablet) else {
        absentSince[tablet] = nil
        return false
      }
      mayBeAbsent = true
      let since = absentSince[tablet] ?? instant
      absentSince[tablet] = since
      return instant - since >= time
    }
  }
}
