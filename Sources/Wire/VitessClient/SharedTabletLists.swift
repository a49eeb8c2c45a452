internal import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
internal import Synchronization
internal import Terms

/// The last list of tablets of each vtgate, as values: equal ones share their memory.
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

  /// How many vtgates have returned a list.
  var count: Int { entries.withLock { $0.count } }

  /// Decodes a vtgate's document.
  func tablets(
    _ body: ByteBuffer, of vtgate: Address
  ) throws(ScrapeFailure) -> GatewayTablets {
    let digest = body.withUnsafeReadableBytes { bytes in
      var hasher = Hasher()
      hasher.combine(bytes: bytes)
      return hasher.finalize()
    }
    let known = entries.withLock { $0.values.first { $0.digest == digest }?.tablets }
    let tablets =
      if let known { known } else { try DebugGateway.decode(Data(buffer: body)) }
    return entries.withLock { entries in
      let shared = entries.values.first { $0.tablets == tablets }?.tablets ?? tablets
      entries[vtgate] = Entry(digest: digest, tablets: shared)
      return shared
    }
  }
}
