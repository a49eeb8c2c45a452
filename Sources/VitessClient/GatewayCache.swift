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
  /// How long to wait before looking again whether somebody else's answer is there.
  private static let patience: Duration = .milliseconds(10)

  private struct Entry {
    let checksum: Double
    let tablets: GatewayTablets
    let at: ContinuousClock.Instant
  }

  private struct State {
    var entries: [Entry] = []
    /// Checksums of which somebody is asking for the document right now.
    var asked: Set<Double> = []
  }

  private enum Answer {
    case known(GatewayTablets)
    /// Somebody is asking already.
    case wait
    /// Nobody is: the caller must, and call `answered`.
    case ask
  }

  private let state = Mutex(State())

  /// The list with a checksum: a known one, or else what `load` brings.
  ///
  /// Of many that want the same one loads it and the others wait for that.
  func tablets(
    checksum: Double?, load: () async throws(ScrapeFailure) -> ByteBuffer
  ) async throws(ScrapeFailure) -> GatewayTablets {
    guard let checksum else {
      return GatewayTablets(try DebugGateway.decode(Data(buffer: try await load())))
    }
    while !Task.isCancelled {
      switch look(for: checksum) {
      case .known(let tablets): return tablets
      case .wait: try? await Task.sleep(for: Self.patience)
      case .ask:
        defer { _ = state.withLock { $0.asked.remove(checksum) } }
        let tablets = GatewayTablets(try DebugGateway.decode(Data(buffer: try await load())))
        return remember(tablets, checksum)
      }
    }
    throw ScrapeFailure(.timedOut, "another vtgate that sees the same did not answer in time")
  }

  private func look(for checksum: Double) -> Answer {
    state.withLock { state in
      let entry = state.entries.last { $0.checksum == checksum }
      if let entry, .now - entry.at < Self.age { return .known(entry.tablets) }
      guard !state.asked.insert(checksum).inserted else { return .ask }
      return entry.map { .known($0.tablets) } ?? .wait
    }
  }

  /// Keeps a list; one that says what the last with its checksum said is that.
  private func remember(_ tablets: GatewayTablets, _ checksum: Double) -> GatewayTablets {
    state.withLock { state in
      var tablets = tablets
      if let index = state.entries.firstIndex(where: { $0.checksum == checksum }) {
        let known = state.entries.remove(at: index).tablets
        if known == tablets { tablets = known }
      }
      if state.entries.count >= Self.capacity { state.entries.removeFirst() }
      state.entries.append(Entry(checksum: checksum, tablets: tablets, at: .now))
      return tablets
    }
  }
}
