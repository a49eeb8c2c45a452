internal import Lab
internal import Terms

/// `HealthcheckChecksum`: the CRC-32 (IEEE 802.3) of what a vtgate's health check knows.
///
/// Equal numbers mean an equal view. Source: go/vt/discovery/healthcheck.go, `stateChecksum`, the
/// same in v16 and v22: a line for each target, then one for each of its tablets.
package struct HealthcheckChecksum: Sendable {
  private var crc: UInt32 = 0xFFFF_FFFF

  package init() {}

  package var value: UInt32 { ~crc }

  /// Adds a target's line; `type` in capitals, as topodata.proto names it.
  package mutating func addTarget(cell: String, keyspace: String, shard: String, type: String) {
    add("\(cell)\(keyspace)\(shard)\(type)\n")
  }

  /// Adds a tablet's line; `termStart` in seconds since the epoch, 0 unless it is a primary.
  package mutating func addTablet(isServing: Bool, termStart: Int) {
    add("\(isServing)\(termStart)\n")
  }

  init(_ vtgate: Vtgate) {
    for group in GatewayPage.groups(vtgate) {
      addTarget(
        cell: group.cell, keyspace: group.shard.keyspace,
        shard: group.shard.shard, type: group.type.description.uppercased())
      for sighting in group.tablets.compactMap({ vtgate.view[$0] }) {
        addTablet(isServing: sighting.isServing, termStart: sighting.termStart)
      }
    }
  }

  private mutating func add(_ text: String) {
    for byte in text.utf8 {
      crc = (crc >> 8) ^ Self.table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
    }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
  }
}

extension TabletSighting {
  /// `PrimaryTermStartTime`: seconds since the epoch, 0 unless it is a primary.
  var termStart: Int { primarySince.map { Int($0.secondsSinceEpoch) } ?? 0 }
}
