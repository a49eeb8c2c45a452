/// A `/metrics` body of the size and mix of a large vtgate's, the same on every call.
enum LargeBody {
  private static let bounds = [
    "0.0005", "0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1", "5", "10", "+Inf",
  ]
  private static let evicted = ["BufferFull", "ContextDone", "WindowExceeded"]
  private static let skipped = [
    "BufferFull", "Disabled", "LastFailoverTooRecent", "LastReparentTooRecent", "Shutdown",
  ]

  static func text(shards count: Int) -> String {
    let shards = (0..<count).map { index in
      "keyspace=\"keyspace\(index % 8)\",shard_name=\"\(hex(index * 2))-\(hex(index * 2 + 2))\""
    }
    var text = ""
    func family(_ name: String, _ type: String) {
      text += "# HELP \(name) \(name) of a vtgate\n# TYPE \(name) \(type)\n"
    }
    for name in ["buffered", "buffered_dry_run", "drained"] {
      family("vtgate_buffer_requests_\(name)", "counter")
      for (index, shard) in shards.enumerated() {
        text += "vtgate_buffer_requests_\(name){\(shard)} \(index * 7)\n"
      }
    }
    for (name, reasons) in [("evicted", evicted), ("skipped", skipped)] {
      family("vtgate_buffer_requests_\(name)", "counter")
      for (index, shard) in shards.enumerated() {
        for reason in reasons {
          text += "vtgate_buffer_requests_\(name){\(shard),reason=\"\(reason)\"} \(index)\n"
        }
      }
    }
    for operation in ["Execute", "StreamExecute", "Begin", "Commit"] {
      family("vtgate_vttablet_call", "histogram")
      for (index, shard) in shards.enumerated() {
        let labels = "db_type=\"primary\",\(shard),operation=\"\(operation)\""
        for (position, bound) in bounds.enumerated() {
          text += "vtgate_vttablet_call_bucket{\(labels),le=\"\(bound)\"} \(index * position)\n"
        }
        text += "vtgate_vttablet_call_sum{\(labels)} \(Double(index) * 0.0317)\n"
        text += "vtgate_vttablet_call_count{\(labels)} \(index * 11)\n"
      }
    }
    return text
  }

  private static func hex(_ number: Int) -> String {
    number == 0 || number >= 512 ? "" : String(number + 0x1000, radix: 16).dropFirst().description
  }
}
