internal import Terms

extension Fleet {
  /// Every server that is polled.
  package var servers: [Target] {
    vtgates.keys.map { Target(.vtgate, $0) } + tablets.keys.map { Target(.vttablet, $0) }
  }
}
