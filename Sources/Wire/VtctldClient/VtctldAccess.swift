package import FleetModel
internal import FoundationEssentials
package import Terms

/// How vtctld is reached: where, over which transport, and as whom.
package struct VtctldAccess: Sendable {
  /// Tried in order until one answers.
  package var servers: [Address]
  /// Nil speaks plaintext, as vtctldclient does when none of its TLS flags is given.
  package var security: Security?
  package var credentials: Credentials?
  /// Where a tablet is reached whose record names an address.
  package var place: @Sendable (Address) -> Address

  package init(
    servers: [Address], security: Security? = nil, credentials: Credentials? = nil,
    place: @escaping @Sendable (Address) -> Address = { $0 }
  ) {
    self.place = place
    self.servers = servers
    self.security = security
    self.credentials = credentials
  }

  /// PEM files and names, as vtctldclient's `--vtctld-grpc-*` flags.
  package struct Security: Sendable {
    /// The client's certificate and its key, for servers that require one.
    package var identity: (certificate: String, key: String)?
    /// Who may have signed the server's certificate; nil trusts the system's authorities.
    package var authority: String?
    /// The name that the server's certificate must carry, if not the address that is connected to;
    /// nil means the host's own.
    package var serverName: String?

    package init(
      identity: (certificate: String, key: String)? = nil, authority: String? = nil,
      serverName: String? = nil
    ) {
      self.identity = identity
      self.authority = authority
      self.serverName = serverName
    }
  }

  /// A name and a password, sent with each call.
  ///
  /// They are never printed, neither in a message nor in a crash report.
  package struct Credentials: Sendable, Decodable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
  {
    let username: String
    let password: String

    enum CodingKeys: String, CodingKey {
      case username = "Username"
      case password = "Password"
    }

    /// Reads `{"Username": "...", "Password": "..."}`, the file of
    /// `--grpc-auth-static-client-creds`.
    package init(contentsOf path: String) throws(CallFailure) {
      guard let data = try? Data(contentsOf: URL(filePath: path)) else {
        throw CallFailure(.refused, nil, .credentialsUnreadable(path: path))
      }
      guard let read = Self(String(decoding: data, as: UTF8.self)) else {
        // What was found there is a secret, too.
        throw CallFailure(.refused, nil, .credentialsMalformed(path: path))
      }
      self = read
    }

    /// Nil for a text that is not such a file's.
    package init?(_ text: String) {
      guard let read = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
        return nil
      }
      self = read
    }

    package var description: String { "credentials" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
  }
}
