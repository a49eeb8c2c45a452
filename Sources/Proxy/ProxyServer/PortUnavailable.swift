internal import NIOCore
internal import Terms

/// That a port of the proxy cannot be opened, which one, and why.
struct PortUnavailable: Error, CustomStringConvertible {
  let description: String

  /// `what`: for whom the port is.
  static func opening(
    _ what: String, _ address: Address, _ open: () async throws -> any Channel
  ) async throws -> any Channel {
    do {
      return try await open()
    } catch {
      throw PortUnavailable(description: "\(address), for \(what): \(error.inShort)")
    }
  }
}
