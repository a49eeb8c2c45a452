internal import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
internal import Synchronization

/// Lists of tablets that vtgates have given lately, by the checksum of what they say.
///
/// The vtgates of a cell mostly say the very same: a document of megabytes is asked of one of them.
/// Equal checksums mean an equal view, see ``VtgateMetrics/checksum``.
final class GatewayCache: Sendable {
  /// How old a list may be while its checksum stays the same.
  ///
  /// The checksum covers who serves as what since when; errors and the health stream's lag it does
  /// not.
  private static let age: Duration = .seconds(5)
  /// More different views than a fleet has at once; older ones make room.
  private static let capacity = 32

  private struct Entry {
    let checksum: Double
    let tablets: GatewayTablets
    let at: ContinuousClock.Instant
  }

  private let entries = Mutex<[Entry]>([])

  /// A list that is young enough.
  func tablets(checksum: Double) -> GatewayTablets? {
    entries.withLock { entries in
      entries.last { $0.checksum == checksum && .now - $0.at < Self.age }?.tablets
    }
  }

  /// Reads a document and remembers it; one that says what another with its checksum said is that.
  func tablets(of body: ByteBuffer, checksum: Double?) throws(ScrapeFailure) -> GatewayTablets {
    var tablets = GatewayTablets(try DebugGateway.decode(Data(buffer: body)))
    guard let checksum else { return tablets }
    entries.withLock { entries in
      if let index = entries.firstIndex(where: { $0.checksum == checksum }) {
        let known = entries.remove(at: index).tablets
        if known == tablets { tablets = known }
      }
      if entries.count >= Self.capacity { entries.removeFirst() }
      entries.append(Entry(checksum: checksum, tablets: tablets, at: .now))
    }
    return tablets
  }
}
