internal import CResolver
internal import Dispatch
package import FleetModel
package import Terms

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A name in DNS whose addresses are vtgates: `NAME:PORT` or `https://NAME:PORT` by its addresses, as
/// those of a headless service, or `_PORT._PROTOCOL.NAME` by its SRV records (RFC 2782), which carry the ports.
///
/// An answer that is not there is no list: whoever cannot be resolved for a while has not left.
package struct DNSName: DiscoverySource {
  package let source: ServerSource
  package let pause: Duration
  private let name: String
  /// The server at the name itself, as others are reached that have their own hosts; nil for a name of
  /// services.
  private let form: Address?
  /// The server that is asked instead of the system's.
  private let server: Address?
  private var last: [NamedServer]?

  /// Nil where it is neither of both.
  ///
  /// `server`: asked instead of the system's, for services only.
  package init?(_ text: String, asking server: Address? = nil, pause: Duration = .seconds(5)) {
    if text.hasPrefix("_") {
      guard text.contains("."), Address(named: text, port: 1) != nil else { return nil }
      (name, form) = (text, nil)
    } else {
      guard let address = Address(text) else { return nil }
      (name, form) = (address.host, address)
    }
    self.server = server
    self.pause = pause
    source = .dns(text)
  }

  @concurrent package mutating func look() async throws(DiscoveryFault) -> ServerList? {
    let servers = try await servers()
    guard servers != last else { return nil }
    last = servers
    return ServerList(servers)
  }

  private func servers() async throws(DiscoveryFault) -> [NamedServer] {
    let (name, form, server) = (name, form, server)
    // The system's resolver blocks.
    let result: Result<[Address], DiscoveryFault> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        do throws(DiscoveryFault) {
          let found =
            if let form {
              try Self.addresses(of: name).map {
                Address(
                  host: $0, port: form.port, isSecure: form.isSecure, prefix: form.prefix)
              }
            } else {
              try Self.services(of: name, asking: server)
            }
          continuation.resume(returning: .success(found))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return Array(Set(try result.get())).sorted().map { NamedServer(.vtgate, $0) }
  }

  /// IPv4 addresses, or IPv6 ones where there are no others: a server that has both is one server.
  private static func addresses(of name: String) throws(DiscoveryFault) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = 1  // SOCK_STREAM, which libraries declare in different types.
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard code == 0 else {
      throw DiscoveryFault(name, String(cString: gai_strerror(code)).lowercased())
    }
    var found: (v4: [String], v6: [String]) = ([], [])
    var next = list
    while let entry = next?.pointee {
      defer { next = entry.ai_next }
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      guard
        getnameinfo(
          entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
          == 0
      else { continue }
      let host = String(
        decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      switch entry.ai_family {
      case AF_INET: found.v4.append(host)
      // One with a scope is of this machine's own link.
      case AF_INET6 where !host.contains("%"): found.v6.append(host)
      default: break
      }
    }
    return found.v4.isEmpty ? found.v6 : found.v4
  }

  private static func services(
    of name: String, asking server: Address?
  ) throws(DiscoveryFault) -> [Address] {
    let capacity = 4096
    var services = [cr_service](repeating: cr_service(), count: capacity)
    let count = cr_services(
      name, server?.host, UInt16(server?.port ?? 0), &services, Int32(capacity))
    guard count >= 0 else {
      let reason =
        switch Int(count) {
        case CR_NO_NAME: "there is no such name"
        case CR_NO_SERVICES: "it has no SRV records"
        case CR_NO_ANSWER: "no server of names answers"
        default: "the answer cannot be read"
        }
      throw DiscoveryFault(name, reason)
    }
    return services.prefix(Int(count)).compactMap { service in
      let host = withUnsafeBytes(of: service.host) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return Address(
        named: host.hasSuffix(".") ? String(host.dropLast()) : host, port: Int(service.port))
    }
  }
}
