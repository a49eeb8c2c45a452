package import FleetModel
package import FoundationEssentials
package import Terms

/// `/debug/vars`: the command line, the version, and who a tablet is.
package struct DebugVars: Sendable, Equatable {
  /// The process' arguments; nil when not exported.
  package var commandLine: [String]?
  /// `BuildVersion`, v19 and later.
  package var version: String?
  package var tabletAlias: TabletAlias?
  package var tabletShard: ShardName?
  package var tabletType: TabletType?

  package static func decode(_ body: Data) throws(ScrapeFailure) -> DebugVars {
    do {
      // A decoder reads texts with escapes, and has words for what is wrong.
      let record =
        try body.withUnsafeBytes { try? Record($0) }
        ?? JSONDecoder().decode(Record.self, from: body)
      var vars = DebugVars()
      vars.commandLine = record.cmdline
      vars.version = record.version
      vars.tabletAlias = record.alias.flatMap { TabletAlias($0) }
      vars.tabletType = record.type.flatMap { TabletType(name: $0) }
      if let keyspace = record.keyspace, let shard = record.shard, !keyspace.isEmpty {
        vars.tabletShard = ShardName(keyspace: keyspace, shard: shard)
      }
      return vars
    } catch {
      throw .notUnderstood(path: "/debug/vars", .malformed(reason: error.brief))
    }
  }

  private struct Record: Decodable {
    var cmdline: [String]?
    var version: String?
    var alias: String?
    var keyspace: String?
    var shard: String?
    var type: String?

    enum CodingKeys: String, CodingKey {
      case cmdline
      case version = "BuildVersion"
      case alias = "TabletAlias"
      case keyspace = "TabletKeyspace"
      case shard = "TabletShard"
      case type = "TabletType"
    }

    init(_ document: UnsafeRawBufferPointer) throws(JSONScanner.Unexpected) {
      var scanner = JSONScanner(document)
      try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
        switch name {
        case "cmdline":
          var arguments: [String] = []
          try scanner.array { (scanner) throws(JSONScanner.Unexpected) in
            arguments.append(try scanner.text())
          }
          cmdline = arguments
        case "BuildVersion": version = try scanner.text()
        case "TabletAlias": alias = try scanner.text()
        case "TabletKeyspace": keyspace = try scanner.text()
        case "TabletShard": shard = try scanner.text()
        case "TabletType": type = try scanner.text()
        default: try scanner.skip()
        }
      }
      try scanner.end()
    }
  }

  /// A digest that is the same in every run (FNV-1a); nil when the command line is not exported.
  package var commandLineDigest: UInt64? {
    commandLine.map { arguments in
      arguments.joined(separator: "\u{0}").utf8.reduce(0xCBF2_9CE4_8422_2325) {
        ($0 ^ UInt64($1)) &* 0x100_0000_01B3
      }
    }
  }

  /// The flags about buffering and retrying among the arguments, as Go's flag packages read them:
  /// `-name` or `--name`, dashes or underscores, `=value` or the next argument; Booleans only with
  /// `=`.
  package var bufferFlags: BufferFlags? {
    guard let commandLine else { return nil }
    var flags = BufferFlags(source: .commandLine)
    var index = 1
    while index < commandLine.count {
      let argument = commandLine[index]
      index += 1
      guard argument.hasPrefix("-") else { continue }
      let body = argument.drop { $0 == "-" }
      let equals = body.firstIndex(of: "=")
      let name = body[..<(equals ?? body.endIndex)].replacing("_", with: "-")
      var value = equals.map { String(body[body.index(after: $0)...]) }
      switch name {
      case "enable-buffer": flags.isEnabled = Self.boolean(value)
      case "enable-buffer-dry-run": flags.isDryRun = Self.boolean(value)
      case "buffer-window", "buffer-max-failover-duration", "buffer-min-time-between-failovers",
        "buffer-keyspace-shards", "retry-count":
        if value == nil, index < commandLine.count {
          value = commandLine[index]
          index += 1
        }
        if let value { flags.set(String(name), value) }
      default: break
      }
    }
    return flags
  }

  /// As Go's `strconv.ParseBool`; a flag without a value is true.
  static func boolean(_ text: String?) -> Bool {
    guard let text else { return true }
    return ["1", "t", "true"].contains(text.lowercased())
  }

  /// A Boolean flag by its name with dashes; nil when it is not given.
  func boolean(_ name: String) -> Bool? {
    commandLine?.dropFirst().last { Self.name(of: $0) == name }.map { argument in
      Self.boolean(
        argument.firstIndex(of: "=").map { String(argument[argument.index(after: $0)...]) })
    }
  }

  /// `--a_flag=x` is the flag `a-flag`.
  private static func name(of argument: String) -> String? {
    guard argument.hasPrefix("-") else { return nil }
    return String(argument.drop { $0 == "-" }.prefix { $0 != "=" }.replacing("_", with: "-"))
  }
}

extension BufferFlags {
  fileprivate mutating func set(_ name: String, _ value: String) {
    let duration = try? Duration(goText: value)
    switch name {
    case "buffer-window": window = duration ?? window
    case "buffer-max-failover-duration": maxFailoverDuration = duration ?? maxFailoverDuration
    case "buffer-min-time-between-failovers":
      minTimeBetweenFailovers = duration ?? minTimeBetweenFailovers
    case "retry-count": retryCount = Int(value).map { min(max(0, $0), 1000) } ?? retryCount
    default:
      keyspaceShards = value.split(separator: ",").map(String.init)
    }
  }
}
