internal import Terms

extension Fleet {
  /// Every server that is polled, and who tells of them.
  package var servers: [Target] {
    vtgates.values.map(\.server) + tablets.keys.map { Target(.vttablet, $0) }
      + [relay].compactMap(\.self).map { Target(.prometheus, $0.address) }
  }
}
