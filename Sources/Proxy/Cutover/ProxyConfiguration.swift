package import Buffering
package import Terms

/// What a proxy is told: whom it lets in, which databases it stands in front of, and its limits.
package struct ProxyConfiguration: Sendable {
  package var listeners: [Listener] = []
  package var backends: [Backend] = []
  package var routes: [Route] = []
  package var users: [User] = []
  package var limits = Limits()
  package var buffering = RequestBuffer.Configuration()
  /// Where the pages and the control page are served, on loopback unless the operator says otherwise.
  package var pages = Address(host: "127.0.0.1", port: 15_999)
  /// The file with the token that commands must carry; nil refuses all commands.
  package var tokenFile: String?
  /// What stands before the uid in the aliases under which backends are shown.
  package var cell = "proxy"

  package init() {}

  package func backend(_ name: BackendName) -> Backend? { backends.first { $0.name == name } }
  package func route(_ name: ShardName) -> Route? { routes.first { $0.name == name } }

  /// The route of a database; where none names it, the one that takes any.
  package func route(ofDatabase database: String?, _ engine: Engine) -> Route? {
    let named = database.flatMap { database in
      routes.first { $0.engine == engine && $0.databases.contains(database) }
        ?? routes.first { $0.engine == engine && $0.names(database) }
    }
    return named ?? routes.first { $0.engine == engine && $0.takesAnyDatabase }
  }

  /// Whether it names passwords.
  package var holdsSecrets: Bool {
    backends.contains { !$0.password.isEmpty }
      || users.contains { if case .password = $0.secret { true } else { false } }
  }

}

/// Whose protocol is spoken.
package enum Engine: String, Sendable, CaseIterable { case mysql, postgres }

/// What the configuration calls a database server.
package struct BackendName: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral
{
  package let description: String
  package init(_ name: String) { description = name }
  package init(stringLiteral name: String) { description = name }
}

extension ProxyConfiguration {
  /// A port for clients.
  package struct Listener: Sendable {
    package var engine: Engine
    package var address: Address
    /// PEM files; without them the port offers no TLS.
    package var certificate: (chain: String, key: String)?
    package var requiresTLS = false

    package init(engine: Engine, address: Address) {
      self.engine = engine
      self.address = address
    }
  }

  /// A database server, and as whom the proxy logs in to it.
  package struct Backend: Sendable {
    package enum Transport: Sendable, Hashable {
      case plain
      /// TLS, whoever answers.
      case encrypted
      /// TLS with a certificate for its host; by these authorities, or the system's.
      case verified(authority: String?)
    }

    /// Ways to prove a password to a Postgres server, as pg_hba.conf calls them.
    package enum PasswordMethod: String, Sendable, CaseIterable {
      case scram = "scram-sha-256"
      case md5
      case cleartext = "password"
    }

    /// As whom a connection was opened, and over what: no password makes one that is open another.
    package struct Login: Sendable, Hashable {
      let user: String
      let transport: Transport
    }

    package let name: BackendName
    package let engine: Engine
    package let address: Address
    package let user: String
    package let password: String
    package var transport = Transport.plain
    /// How the password may be proved to a Postgres server.
    package var passwordMethods: Set<PasswordMethod> = [.scram]
    /// Connections of sessions at the same time; nil for as many as they need.
    package var mostConnections: Int?

    package var login: Login { Login(user: user, transport: transport) }

    package init(
      name: BackendName, engine: Engine, address: Address, user: String, password: String
    ) {
      self.name = name
      self.engine = engine
      self.address = address
      self.user = user
      self.password = password
    }
  }

  /// Databases whose statements go to one backend at a time, shown as a shard of Vitess is.
  package struct Route: Sendable {
    package let name: ShardName
    package let engine: Engine
    /// Empty, where there are no tables either: those that no other route names.
    package var databases: Set<String> = []
    /// As `database.table`, in small letters: tables of databases that other routes have (MySQL only).
    package var tables: Set<String> = []
    /// The one that serves at first.
    package let backend: BackendName
    /// Those that may serve, the first one included.
    package let candidates: [BackendName]

    package var takesAnyDatabase: Bool { databases.isEmpty && tables.isEmpty }

    /// Whether a database is among its own; some of MySQL's servers tell capitals apart and others do
    /// not, so that none may have another route for it.
    func names(_ database: String) -> Bool {
      switch engine {
      case .postgres: databases.contains(database)
      case .mysql: databases.contains { $0.lowercased() == database.lowercased() }
      }
    }

    package init(
      name: ShardName, engine: Engine, databases: Set<String> = [], tables: Set<String> = [],
      backend: BackendName, candidates: [BackendName]
    ) {
      self.name = name
      self.engine = engine
      self.databases = databases
      self.tables = tables
      self.backend = backend
      self.candidates = candidates
    }
  }

  /// Who may log in to the proxy.
  package struct User: Sendable {
    package enum Secret: Sendable {
      case password(String)
      /// As the engine itself stores it: `*` and 40 digits, or `SCRAM-SHA-256$…`.
      case verifier(String)
    }

    package let name: String
    package let secret: Secret

    package init(name: String, secret: Secret) {
      self.name = name
      self.secret = secret
    }
  }

  package struct Limits: Sendable {
    /// Clients at the same time; one more is refused.
    package var connections = 10_000
    /// How long a client may be silent between two statements.
    package var clientIdle: Duration = .seconds(8 * 3600)
    /// After what silence a session gives its backend connection back, unless it is pinned.
    package var backendIdle: Duration = .seconds(30)
    /// How long a client may take nothing of an answer that waits for it.
    package var clientWrite: Duration = .seconds(60)
    /// How long a statement may run; nil for as long as it likes.
    package var statement: Duration?
    package var authentication: Duration = .seconds(10)
    package var connect: Duration = .seconds(5)
    /// In bytes; a longer statement is refused.
    package var statementSize = 64 << 20
    /// Of all statements that wait, in bytes.
    package var heldBytes = 64 << 20
    /// How long a cutover waits for transactions in flight.
    package var inFlight: Duration = .seconds(5)
    /// How long a cutover waits for the new backend to have everything.
    package var catchUp: Duration = .seconds(10)
    package var healthInterval: Duration = .seconds(1)

    package init() {}
  }
}
