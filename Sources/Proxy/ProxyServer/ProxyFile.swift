internal import Buffering
package import Cutover
internal import MySQLWire
internal import PostgresWire
internal import TOMLKit
internal import Terms

/// Why a proxy's file cannot be used; names the file, the place and what is wrong.
package struct ProxyFileError: Error, Sendable, CustomStringConvertible {
  package let description: String
}

/// Reads a proxy's configuration from TOML, in the shape that docs/proxy.md describes.
///
/// Unknown keys are errors.
package enum ProxyFile {
  /// `read`: the contents of a file that the configuration names; nil when it cannot be read.
  package static func read(
    _ text: String, name: String, reading read: (String) -> String?
  ) throws(ProxyFileError) -> ProxyConfiguration {
    if let flaw = text.tomlFlaw {
      throw ProxyFileError(description: "\(name): line \(flaw.line): \(flaw.words)")
    }
    if let line = text.lineOfZero {
      throw ProxyFileError(description: "\(name): line \(line): a zero byte, which ends the file")
    }
    do {
      let file = ProxySection.File(name: name, lines: ProxyFileLines(text))
      var top = ProxySection(try TOMLTable(string: text), "", file)
      let configuration = try configuration(&top, reading: read)
      if let objection = configuration.objection {
        throw file.error(objection.what, in: objection.place)
      }
      return configuration
    } catch let error as ProxyFileError {
      throw error
    } catch let error as TOMLParseError {
      throw ProxyFileError(
        description: "\(name): line \(error.source.begin.line): \(error.description)")
    } catch {
      throw ProxyFileError(description: "\(name): \(error)")
    }
  }

  private static func configuration(
    _ top: inout ProxySection, reading read: (String) -> String?
  ) throws -> ProxyConfiguration {
    var configuration = ProxyConfiguration()
    if let pages = try top.address("pages") { configuration.pages = pages }
    configuration.tokenFile = try top.string("token_file")
    if let cell = try top.string("cell") { configuration.cell = cell }
    configuration.listeners = try top.each("listener") { try listener(&$0) }
    configuration.backends = try top.each("backend") { try backend(&$0, reading: read) }
    configuration.routes = try top.each("route") { try route(&$0, configuration) }
    configuration.users = try top.each("user") { try user(&$0, reading: read) }
    if var section = try top.section("buffering") {
      try buffering(&section, into: &configuration.buffering)
    }
    if var section = try top.section("limits") { try limits(&section, into: &configuration.limits) }
    try top.done()
    return configuration
  }

  private static func listener(_ section: inout ProxySection) throws -> ProxyConfiguration.Listener
  {
    var listener = ProxyConfiguration.Listener(
      engine: try section.engine(),
      address: try section.required("address", try section.address("address")))
    let (chain, key) = (try section.string("certificate"), try section.string("key"))
    if let chain, let key { listener.certificate = (chain, key) }
    guard (chain == nil) == (key == nil) else {
      throw section.error("certificate and key belong together")
    }
    listener.requiresTLS = try section.bool("require_tls") ?? false
    guard !listener.requiresTLS || chain != nil else {
      throw section.error("require_tls needs certificate and key")
    }
    try section.done()
    return listener
  }

  private static func backend(
    _ section: inout ProxySection, reading read: (String) -> String?
  ) throws -> ProxyConfiguration.Backend {
    var backend = ProxyConfiguration.Backend(
      name: BackendName(try section.required("name", try section.string("name"))),
      engine: try section.engine(),
      address: try section.required("address", try section.address("address")),
      user: try section.required("user", try section.string("user")),
      password: try section.secret("password", reading: read) ?? "")
    let authority = try section.string("tls_authority")
    switch try section.string("tls") ?? (authority == nil ? "off" : "verify") {
    case "off": backend.transport = .plain
    case "encrypt": backend.transport = .encrypted
    case "verify": backend.transport = .verified(authority: authority)
    case let other: throw section.error("tls is \"\(other)\", must be off, encrypt or verify")
    }
    backend.mostConnections = try section.integer("connections")
    if let names = try section.strings("password_methods") {
      backend.passwordMethods = Set(
        try names.map { name in
          guard let method = ProxyConfiguration.Backend.PasswordMethod(rawValue: name) else {
            throw section.error(
              "password_methods has \"\(name)\", must be scram-sha-256, md5 or password")
          }
          return method
        })
    }
    try section.done()
    return backend
  }

  private static func route(
    _ section: inout ProxySection, _ configuration: ProxyConfiguration
  ) throws -> ProxyConfiguration.Route {
    let databases = try section.strings("databases") ?? []
    let tables = try section.strings("tables") ?? []
    let ownName = try section.string("name")
    guard tables.isEmpty || ownName != nil else {
      throw section.error("a route of tables needs a name", at: "tables")
    }
    let written = ownName ?? databases.first.map { "\($0)/-" } ?? "default/-"
    guard let name = ShardName(written.contains("/") ? written : written + "/-") else {
      throw section.error("name is \"\(written)\", must be a name, or keyspace/shard")
    }
    let backends = try section.required("backends", try section.strings("backends")).map {
      BackendName($0)
    }
    guard let first = backends.first else {
      throw section.error("backends is empty: name one at least", at: "backends")
    }
    guard let engine = configuration.backend(first)?.engine else {
      throw section.error(
        "no backend is called \(first): add a [[backend]] of that name", at: "backends")
    }
    try section.done()
    return ProxyConfiguration.Route(
      name: name, engine: engine, databases: Set(databases),
      tables: Set(tables.map { $0.lowercased() }), backend: first, candidates: backends)
  }

  private static func user(
    _ section: inout ProxySection, reading read: (String) -> String?
  ) throws -> ProxyConfiguration.User {
    let name = try section.required("name", try section.string("name"))
    let (password, verifier) = (
      try section.secret("password", reading: read), try section.string("verifier")
    )
    try section.done()
    switch (password, verifier) {
    case ("", nil):
      throw section.error("password is empty: everybody would be let in", at: "password")
    case (let password?, nil): return .init(name: name, secret: .password(password))
    case (nil, let verifier?):
      guard PasswordVerifier(stored: verifier) != nil || ScramVerifier(verifier) != nil else {
        throw section.error(
          "the verifier of user \(name) is none: mysql_native_password's begins with *, Postgres' "
            + "with SCRAM-SHA-256$")
      }
      return .init(name: name, secret: .verifier(verifier))
    default: throw section.error("user \(name) needs a password or a verifier")
    }
  }

  /// The flags of vtgate, without `buffer_`.
  private static func buffering(
    _ section: inout ProxySection, into buffering: inout RequestBuffer.Configuration
  ) throws {
    buffering.isEnabled = try section.bool("enable") ?? buffering.isEnabled
    buffering.isDryRun = try section.bool("dry_run") ?? buffering.isDryRun
    buffering.window = try section.duration("window") ?? buffering.window
    buffering.size = try section.integer("size") ?? buffering.size
    buffering.maxFailoverDuration =
      try section.duration("max_failover_duration") ?? buffering.maxFailoverDuration
    buffering.minTimeBetweenFailovers =
      try section.duration("min_time_between_failovers") ?? buffering.minTimeBetweenFailovers
    buffering.drainConcurrency =
      try section.integer("drain_concurrency") ?? buffering.drainConcurrency
    buffering.keyspaceShards = Set(try section.strings("keyspace_shards") ?? [])
    try section.done()
  }

  private static func limits(
    _ section: inout ProxySection, into limits: inout ProxyConfiguration.Limits
  ) throws {
    limits.connections = try section.integer("connections") ?? limits.connections
    limits.clientIdle = try section.time("client_idle") ?? limits.clientIdle
    limits.clientWrite = try section.time("client_write") ?? limits.clientWrite
    limits.backendIdle = try section.time("backend_idle") ?? limits.backendIdle
    limits.statement = try section.time("statement") ?? limits.statement
    limits.authentication = try section.time("authentication") ?? limits.authentication
    limits.connect = try section.time("connect") ?? limits.connect
    limits.statementSize = try section.integer("statement_bytes") ?? limits.statementSize
    limits.heldBytes = try section.integer("held_bytes") ?? limits.heldBytes
    limits.inFlight = try section.duration("in_flight") ?? limits.inFlight
    limits.catchUp = try section.duration("catch_up") ?? limits.catchUp
    limits.healthInterval = try section.time("health_interval") ?? limits.healthInterval
    try section.done()
  }
}

/// A table of the file, which knows what was taken from it.
private struct ProxySection {
  /// The file, for what is said of it.
  struct File {
    let name: String
    let lines: ProxyFileLines

    func error(_ text: String, in place: String, at key: String? = nil) -> ProxyFileError {
      let line = lines.line(of: key, in: place).map { "line \($0): " } ?? ""
      return ProxyFileError(
        description: "\(name): \(line)\(place.isEmpty ? "" : "\(place): ")\(text)")
    }
  }

  private let table: TOMLTable
  private let path: String
  private let file: File
  private var left: Set<String>

  init(_ table: TOMLTable, _ path: String, _ file: File) {
    self.table = table
    self.path = path
    self.file = file
    left = Set(table.keys)
  }

  /// `key`: whose value it is about; nil for the table.
  func error(_ text: String, at key: String? = nil) -> ProxyFileError {
    file.error(text, in: path, at: key)
  }

  func done() throws {
    if let stranger = left.min() { throw error("unknown key \(stranger)", at: stranger) }
  }

  private mutating func take<Value>(
    _ key: String, _ kind: String, _ value: (any TOMLValueConvertible) -> Value?
  ) throws -> Value? {
    left.remove(key)
    guard let found = table[key] else { return nil }
    guard let value = value(found) else { throw error("\(key) must be \(kind)", at: key) }
    return value
  }

  /// A value that must be there.
  func required<Value>(_ key: String, _ value: Value?) throws -> Value {
    guard let value else { throw error("\(key) is missing") }
    return value
  }

  mutating func string(_ key: String) throws -> String? { try take(key, "a string") { $0.string } }
  mutating func bool(_ key: String) throws -> Bool? { try take(key, "true or false") { $0.bool } }

  mutating func integer(_ key: String) throws -> Int? {
    try take(key, "a whole number above 0") { $0.int.flatMap { $0 > 0 ? $0 : nil } }
  }

  mutating func duration(_ key: String) throws -> Duration? {
    try take(key, "a duration like 1.5s or 2m") { value in
      value.string.flatMap { try? Duration(goText: $0) }.flatMap { $0 >= .zero ? $0 : nil }
    }
  }

  /// A time that something is done again after, or waited for: nothing, or next to nothing, would
  /// keep the proxy busy with itself.
  mutating func time(_ key: String) throws -> Duration? {
    guard let time = try duration(key) else { return nil }
    guard time >= .milliseconds(10) else {
      throw error("\(key) is too short: 10ms at least", at: key)
    }
    return time
  }

  mutating func address(_ key: String) throws -> Address? {
    try take(key, "HOST:PORT") { value in
      value.string.flatMap { Address($0) }.flatMap { $0.isBare ? $0 : nil }
    }
  }

  mutating func strings(_ key: String) throws -> [String]? {
    try take(key, "a list of strings") { value in
      value.array.flatMap { array in
        let texts = array.compactMap(\.string)
        return texts.count == array.count ? texts : nil
      }
    }
  }

  mutating func engine() throws -> Engine {
    let text = try string("protocol") ?? Engine.mysql.rawValue
    guard let engine = Engine(rawValue: text) else {
      throw error("protocol is \"\(text)\", must be mysql or postgres", at: "protocol")
    }
    return engine
  }

  /// What stands under a key, or in the file that `KEY_file` names, without its line's end.
  mutating func secret(_ key: String, reading read: (String) -> String?) throws -> String? {
    let (own, path) = (try string(key), try string(key + "_file"))
    guard let path else { return own }
    guard own == nil else { throw error("\(key) and \(key)_file exclude each other") }
    guard let text = read(path) else {
      throw error("\(key)_file cannot be read: \(path)", at: key + "_file")
    }
    return String(text.prefix { !$0.isNewline })
  }

  mutating func section(_ key: String) throws -> ProxySection? {
    try take(key, "a table") { $0.table }.map { ProxySection($0, key, file) }
  }

  /// Reads each of the tables that are written `[[key]]`.
  mutating func each<Value>(
    _ key: String, _ read: (inout ProxySection) throws -> Value
  ) throws -> [Value] {
    guard let array = try take(key, "written [[\(key)]]", { $0.array }) else { return [] }
    return try array.enumerated().map { index, item in
      guard let table = item.table else { throw error("\(key) must be written [[\(key)]]") }
      var section = ProxySection(table, "\(key) \(index + 1)", file)
      return try read(&section)
    }
  }
}

extension String {
  /// The line of the first zero, counted from 1: the parser takes it for the end, and says nothing.
  fileprivate var lineOfZero: Int? {
    guard let zero = utf8.firstIndex(of: 0) else { return nil }
    return 1 + utf8[..<zero].count { $0 == UInt8(ascii: "\n") }
  }
}
