internal import ArgumentParser
internal import Lab
internal import VitessClient

/// The embedded cluster's shape.
struct LabOptions: ParsableArguments {
  @Option(help: "Seed of everything random in the cluster.")
  var seed: UInt64 = 1

  @Option(name: .customLong("vtgates"), help: "How many vtgates, 1 to 20.")
  var vtgates = 2

  @Option(help: "Client connections per vtgate and shard, 0 to 1000 (default: 12; in the demo 40).")
  var clients: Int?

  @Option(help: "Slots of each vtgate's buffer (default: 1000; in the demo 60).")
  var bufferSize: Int?

  @Option(help: ArgumentHelp("How long requests may wait in the buffer.", valueName: "duration"))
  var bufferWindow = Interval(duration: .seconds(10))

  @Option(
    help: ArgumentHelp(
      "How long a planned reparent stops writes, e.g. 400ms or 3s.", valueName: "duration"))
  var reparentDuration: Interval?

  @Flag(help: "Run the vtgates without buffering.")
  var noBuffer = false

  func validate() throws {
    guard (1...20).contains(vtgates) else { throw ValidationError("--vtgates must be 1 to 20") }
    guard (0...1000).contains(clients ?? 0) else {
      throw ValidationError("--clients must be 0 to 1000")
    }
    guard bufferSize ?? 1 >= 1 else { throw ValidationError("--buffer-size must be at least 1") }
    guard bufferWindow.duration >= .seconds(1) else {
      throw ValidationError("--buffer-window must be at least 1s")
    }
  }

  /// The flags over a command's own standard.
  func configuration(over standard: LabCluster.Configuration) -> LabCluster.Configuration {
    var configuration = standard
    configuration.seed = seed
    configuration.vtgates = vtgates
    configuration.clients = clients ?? standard.clients
    configuration.buffer.size = bufferSize ?? standard.buffer.size
    configuration.buffer.isEnabled = !noBuffer
    configuration.buffer.window = bufferWindow.duration
    configuration.buffer.maxFailoverDuration = max(
      configuration.buffer.maxFailoverDuration, bufferWindow.duration)
    configuration.demotion = reparentDuration?.duration ?? standard.demotion
    return configuration
  }
}
