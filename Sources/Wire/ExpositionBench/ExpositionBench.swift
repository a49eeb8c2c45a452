import Exposition

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Measures how fast a body is scanned.
///
///     ExpositionBench generate SHARDS > FILE     writes a body like a vtgate's with that many
///     ExpositionBench scan FILE PREFIX           prints GB/s, reading all wanted labels and values
@main
enum ExpositionBench {
  private static let rounds = 400

  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "generate":
      print(
        LargeBody.text(shards: arguments.dropFirst().first.flatMap { Int($0) } ?? 256),
        terminator: "")
    case "scan":
      guard arguments.count == 3, let body = read(arguments[2]) else { usage() }
      scan(body, prefix: arguments[3])
    default: usage()
    }
  }

  private static func usage() -> Never {
    print("usage: ExpositionBench generate SHARDS | ExpositionBench scan FILE PREFIX")
    exit(2)
  }

  private static func scan(_ body: [UInt8], prefix: String) {
    let selection = Selection([.prefix(prefix)])
    var rates: [Double] = []
    var samples = 0
    var sum = 0.0
    var labels = 0
    for _ in 0..<rounds {
      let start = ContinuousClock.now
      var scanner = Scanner(selection)
      func take(_ sample: Sample) {
        sum += sample.value
        labels += sample.labelCount
      }
      body.withUnsafeBytes { bytes in
        var offset = 0
        // In pieces of the size in which a socket delivers them.
        while offset < bytes.count {
          let end = min(bytes.count, offset + 64 * 1024)
          scanner.scan(UnsafeRawBufferPointer(rebasing: bytes[offset..<end]), take)
          offset = end
        }
      }
      scanner.finish(take)
      samples = scanner.samples
      let (seconds, attoseconds) = (ContinuousClock.now - start).components
      rates.append(Double(body.count) / (Double(seconds) * 1e9 + Double(attoseconds) / 1e9))
    }
    rates.sort()
    print(
      "\(body.count) bytes, \(samples) wanted samples with \(labels / rounds) labels, sum \(sum / Double(rounds))"
    )
    print(
      "scan: median \(rounded(rates[rounds / 2])) GB/s, fastest \(rounded(rates[rounds - 1])) GB/s")
  }

  private static func rounded(_ rate: Double) -> Double { (rate * 100).rounded() / 100 }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }
}
