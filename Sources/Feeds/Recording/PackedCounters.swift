internal import FleetModel
internal import Terms

/// A vtgate's counters in a byte or two a number.
struct PackedCounters: Sendable {
  private let shards: [ShardName]
  private let bytes: [UInt8]

  /// `last`: of the same vtgate, whose names it shares.
  ///
  /// Nil where counters are more than numbers; see ``BufferCounters/append(to:)``.
  init?(_ buffers: [ShardName: BufferCounters], like last: PackedCounters?) {
    var shards = last?.shards ?? []
    if shards.count != buffers.count || !shards.allSatisfy({ buffers[$0] != nil }) {
      shards = Array(buffers.keys)
    }
    var numbers: [Int64] = []
    var packed = PackedWriter()
    for shard in shards {
      guard buffers[shard]?.append(to: &numbers) == true else { return nil }
      for number in numbers { packed.put(signed: number) }
      numbers.removeAll(keepingCapacity: true)
    }
    self.shards = shards
    bytes = packed.bytes
  }

  var buffers: [ShardName: BufferCounters] {
    var rest = PackedReader(bytes)
    var buffers: [ShardName: BufferCounters] = [:]
    buffers.reserveCapacity(shards.count)
    for shard in shards {
      // They were packed here and are whole.
      buffers[shard] = try? BufferCounters { () throws(PackedMismatch) in try rest.signed() }
    }
    return buffers
  }
}
