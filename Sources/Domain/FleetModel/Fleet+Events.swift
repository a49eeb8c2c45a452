extension Fleet {
  /// Adds an event, which says which kinds of gates it is about.
  mutating func tell(_ event: FleetEvent) {
    let gates = gates(of: event.shard)
    guard gates.hasProxies else { return log.append(event) }
    var event = event
    event.gates = gates
    log.append(event)
  }
}
