internal import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
internal import Synchronization
internal import Terms

/// The last list of tablets of each vtgate, as values: what they have in common is kept once.
///
/// Most vtgates of a cell say exactly the same. Each is asked for its own list nevertheless: what
/// one says is never inferred from another's answer.
final class SharedTabletLists: Sendable {
  private struct Entry {
    /// Digest of the document's bytes, so that equal ones are not decoded twice.
    let digest: Int
    let tablets: GatewayTablets
  }

  private let entries = Mutex<[Address: Entry]>([:])

  /// A document is collected whole, and of a hundred vtgates all are due when a shard changes.
  let permits = Permits(8)

  /// How many vtgates have returned a list.
  var count: Int { entries.withLock { $0.count } }

  /// Forgets the list of a vtgate that is not asked any more.
  func forget(_ vtgate: Address) { entries.withLock { $0[vtgate] = nil } }

  /// Decodes a vtgate's document.
  func tablets(
    _ body: ByteBuffer, of vtgate: Address, placing place: (Address) -> Address
  ) throws(ScrapeFailure) -> GatewayTablets {
    let digest = body.withUnsafeReadableBytes { bytes in
      var hasher = Hasher()
      hasher.combine(bytes: bytes)
      return hasher.finalize()
    }
    let known = entries.withLock { $0 }
    let same = known.values.first { $0.digest == digest }?.tablets
    let tablets =
      if let same { same } else {
        try DebugGateway.decode(
          Data(buffer: body), sharing: known.values.lazy.map(\.tablets), placing: place)
      }
    entries.withLock { $0[vtgate] = Entry(digest: digest, tablets: tablets) }
    return tablets
  }
}
