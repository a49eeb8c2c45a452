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
///     ExpositionBench scan FILE PREFIX           prints GB/s, reading all wanted labels and values,
///                                                and reading the page again, all values moved
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
      scanAgain(body, prefix: arguments[3])
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
      inPieces(body) { scanner.scan($0, take) }
      scanner.finish(take)
      samples = scanner.samples
      rates.append(rate(body.count, since: start))
    }
    print(
      "\(body.count) bytes, \(samples) wanted samples with \(labels / rounds) labels, sum \(sum / Double(rounds))"
    )
    report("scan", rates)
  }

  /// Reads the page with one reader, with other values each time.
  private static func scanAgain(_ body: [UInt8], prefix: String) {
    let pages = [body, moved(body)]
    var reader = PageReader(Selection([.prefix(prefix)]))
    var learned = 0
    var rates: [Double] = []
    for round in 0...rounds {
      let page = pages[round % 2]
      let start = ContinuousClock.now
      _ = reader.begin()
      inPieces(page) { reader.scan($0) { _ in learned += 1 } }
      reader.finish { _ in learned += 1 }
      if round > 0 { rates.append(rate(page.count, since: start)) }
    }
    report("the page again, all \(learned) values moved", rates)
  }

  /// The body with another last digit in each value.
  private static func moved(_ body: [UInt8]) -> [UInt8] {
    var moved = body
    for (place, byte) in body.enumerated().dropLast() where body[place + 1] == UInt8(ascii: "\n") {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { continue }
      moved[place] = byte ^ 1
    }
    return moved
  }

  /// Hands a body on in pieces of the size in which a socket delivers it.
  private static func inPieces(_ body: [UInt8], _ take: (UnsafeRawBufferPointer) -> Void) {
    body.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let end = min(bytes.count, offset + 64 * 1024)
        take(UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
        offset = end
      }
    }
  }

  /// In GB/s.
  private static func rate(_ bytes: Int, since start: ContinuousClock.Instant) -> Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(bytes) / (Double(seconds) * 1e9 + Double(attoseconds) / 1e9)
  }

  private static func report(_ what: String, _ rates: [Double]) {
    let sorted = rates.sorted()
    print(
      "\(what): median \(rounded(sorted[rounds / 2])) GB/s, "
        + "fastest \(rounded(sorted[rounds - 1])) GB/s")
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
