internal import NIOCore
internal import NIOPosix
internal import Terms

/// That a port of the proxy cannot be opened, which one, and why.
struct PortUnavailable: Error, CustomStringConvertible {
  let description: String
}

extension ServerBootstrap {
  /// Opens a port; `user`: for whom it is.
  func open(_ address: Address, for user: String) async throws(PortUnavailable) -> any Channel {
    do {
      return try await bind(host: address.host, port: address.port).get()
    } catch {
      throw PortUnavailable(description: "\(address), for \(user): \(error.inShort)")
    }
  }
}
