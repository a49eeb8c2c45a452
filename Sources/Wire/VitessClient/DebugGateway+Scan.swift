internal import FleetModel

/// Reading a list as every vtgate writes it, without a decoder: it is the largest document by far that
/// is read again and again.
extension DebugGateway {
  /// Nil where anything is otherwise than expected: a decoder has to say what, and takes what it can.
  static func scan(_ document: UnsafeRawBufferPointer) -> [Group]? {
    var scanner = JSONScanner(document)
    var groups: [Group] = []
    do throws(JSONScanner.Unexpected) {
      try scanner.array { (scanner) throws(JSONScanner.Unexpected) in
        groups.append(try Group(&scanner))
      }
      try scanner.end()
    } catch {
      return nil
    }
    return groups
  }
}

extension DebugGateway.Group {
  fileprivate init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
    self.init()
    try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
      switch name {
      case "Target": target = try DebugGateway.TargetRecord(&scanner)
      case "TabletsStats":
        var elements: [DebugGateway.Stats] = []
        try scanner.array { (scanner) throws(JSONScanner.Unexpected) in
          elements.append(try DebugGateway.Stats(&scanner))
        }
        stats = Readable(elements)
      default: try scanner.skip()
      }
    }
  }
}

extension DebugGateway.TargetRecord {
  fileprivate init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
    self.init()
    try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
      switch name {
      case "keyspace": keyspace = try scanner.text()
      case "shard": shard = try scanner.text()
      case "tablet_type": tabletType = try scanner.integer()
      default: try scanner.skip()
      }
    }
  }
}

extension DebugGateway.Stats {
  fileprivate init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
    self.init()
    try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
      switch name {
      case "Tablet": tablet = try Tablet(&scanner)
      case "Target": target = try DebugGateway.TargetRecord(&scanner)
      case "Serving": serving = try scanner.truth()
      case "PrimaryTermStartTime": primaryTerm = try scanner.integer()
      case "MasterTermStartTime": masterTerm = try scanner.integer()
      case "Stats": stats = try Realtime(&scanner)
      case "LastError":
        try scanner.skip()
        lastError = Anything()
      case "Database": database = try Database(&scanner)
      default: try scanner.skip()
      }
    }
  }
}

extension DebugGateway.Stats.Tablet {
  fileprivate init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
    self.init()
    try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
      switch name {
      case "alias": alias = try Alias(&scanner)
      case "hostname": hostname = try scanner.text()
      case "port_map":
        var ports: [String: DebugGateway.Stats.Port] = [:]
        try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
          switch name {
          // The only one that is asked for.
          case "vt": ports["vt"] = DebugGateway.Stats.Port(try scanner.integer())
          default: try scanner.skip()
          }
        }
        portMap = ports
      case "keyspace": keyspace = try scanner.text()
      case "shard": shard = try scanner.text()
      case "type": type = try scanner.integer()
      default: try scanner.skip()
      }
    }
  }
}

extension DebugGateway.Stats.Tablet.Alias {
  fileprivate init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
    self.init()
    try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
      switch name {
      case "cell": cell = try scanner.text()
      case "uid":
        guard let number = UInt32(exactly: try scanner.integer()) else {
          throw JSONScanner.Unexpected()
        }
        uid = number
      default: try scanner.skip()
      }
    }
  }
}

extension DebugGateway.Stats.Database {
  fileprivate init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
    self.init()
    try scanner.members { (scanner, field) throws(JSONScanner.Unexpected) in
      switch field {
      case "name": name = try scanner.text()
      case "address": address = try scanner.text()
      case "engine": engine = try scanner.text()
      case "version": version = try scanner.text()
      case "readOnly": readOnly = try scanner.truth()
      case "replicates": replicates = try scanner.truth()
      default: try scanner.skip()
      }
    }
  }
}

extension DebugGateway.Stats.Realtime {
  fileprivate init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
    self.init()
    try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
      switch name {
      case "replication_lag_seconds": replicationLag = try scanner.integer()
      case "seconds_behind_master": secondsBehindMaster = try scanner.integer()
      // Only whether there is one counts.
      case "health_error": healthError = try scanner.isEmptyText() ? "" : "an error"
      default: try scanner.skip()
      }
    }
  }
}
