internal import Terms

extension Fleet {
  /// Every server that has answered or failed to, as what it is known to be, and who tells of them.
  ///
  /// It takes an answer to tell a vtgate from a proxy.
  package var servers: [Target] {
    vtgates.values.filter(\.watched.isHeard).map {
      $0.watched.value == nil ? Target(.gate, $0.address) : $0.server
    } + tablets.keys.map { Target(.vttablet, $0) }
      + [relay].compactMap(\.self).map { Target(.prometheus, $0.address) }
  }
}
