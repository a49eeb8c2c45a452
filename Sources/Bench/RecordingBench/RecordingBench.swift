internal import FleetModel
internal import FoundationEssentials
internal import Recording
internal import Terms
internal import Watching

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Measures recordings: how large they get and what writing costs, how fast they are told again, how
/// soon a moment is found.
///
///     RecordingBench watch VTGATES TABLETS MINUTES [TABLET-SECONDS]
///     RecordingBench write FILE VTGATES TABLETS MINUTES [TABLET-SECONDS]
///     RecordingBench read FILE
///
/// Time is the recording's: what is written as an hour takes as long as writing it does. `watch` is what
/// `write` does without a recording; the difference is what recording costs.
@main
enum RecordingBench {
  private static let seeks = 50

  static func main() {
    var arguments = CommandLine.arguments.dropFirst()
    do {
      switch arguments.popFirst() {
      case "watch": watch(try Run(arguments))
      case "write":
        guard let path = arguments.popFirst() else { throw Usage() }
        try write(path, try Run(arguments))
      case "read":
        guard let path = arguments.popFirst(), arguments.isEmpty else { throw Usage() }
        try read(path)
      default: throw Usage()
      }
    } catch {
      print("\(error)")
      exit(1)
    }
  }

  private struct Usage: Error, CustomStringConvertible {
    let description =
      "usage: RecordingBench watch VTGATES TABLETS MINUTES [TABLET-SECONDS] "
      + "| RecordingBench write FILE VTGATES TABLETS MINUTES [TABLET-SECONDS] "
      + "| RecordingBench read FILE"
  }

  /// What is watched, and for how long.
  private struct Run {
    let vtgates, tablets, minutes, tabletEvery: Int

    init(_ words: ArraySlice<String>) throws {
      let numbers = words.compactMap { Int($0) }
      guard (3...4).contains(numbers.count), numbers.count == words.count,
        numbers.allSatisfy({ $0 > 0 })
      else { throw Usage() }
      (vtgates, tablets, minutes) = (numbers[0], numbers[1], numbers[2])
      tabletEvery = numbers.count > 3 ? numbers[3] : 1
    }

    /// Tells all of it, and says what that cost.
    func tell(_ take: (RecordedStep) throws -> Void) rethrows -> String {
      var cluster = BenchCluster(vtgates: vtgates, tablets: tablets, tabletEvery: tabletEvery)
      let before = Spent.processorSeconds
      var most = Resident()
      for second in 0..<minutes * 60 {
        for step in cluster.nextSecond() { try take(step) }
        if second.isMultiple(of: 20) { most.include(Resident.now) }
      }
      let share = (Spent.processorSeconds - before) / Double(minutes * 60)
      return "\(rounded(share * 100, to: 1000)) % of a core, at most \(most)"
    }
  }

  private static func watch(_ run: Run) {
    var watch = Watch(BenchCluster.settings, at: BenchCluster.began)
    let cost = run.tell { _ = watch.follow($0) }
    print("watched \(run.minutes) min: \(cost)")
  }

  private static func write(_ path: String, _ run: Run) throws {
    var recorder = try PastRecorder(path, BenchCluster.info)
    let cost = try run.tell { try recorder.take($0) }
    try recorder.finish()
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    let anHour = Double(size) / Double(run.minutes) * 60 / 1e6
    print("recorded \(run.minutes) min: \(size) bytes, \(rounded(anHour)) MB an hour; \(cost)")
  }

  private static func read(_ path: String) throws {
    var reader = try RecordingReader(path)
    let settings = Watch.Settings(cluster: reader.info.cluster, interval: reader.info.interval)
    let (began, length) = (reader.info.began, reader.end() - reader.info.began)
    var times: [Duration] = []
    for number in 1...seeks {
      // Spread over all of it, and not in its order.
      let share = Double(number * 17 % seeks) / Double(seeks)
      times.append(
        ContinuousClock().measure { _ = reader.watch(at: began + length * share, settings) })
    }
    times.sort()
    print("a moment: median \(times[seeks / 2]), slowest \(times[seeks - 1])")
    reader.rewind()
    var watch = Watch(settings, at: began)
    let told = ContinuousClock().measure {
      while let steps = reader.next() { for step in steps { _ = watch.follow(step) } }
    }
    if let damage = reader.damage { throw damage }
    print("told again in \(told): \(rounded(length / told)) times as fast as it was")
  }

}

private func rounded(_ number: Double, to parts: Double = 10) -> Double {
  (number * parts).rounded() / parts
}

/// What this process has used so far.
private enum Spent {
  #if canImport(Glibc)
    private static let ofProcess = Int32(RUSAGE_SELF.rawValue)
  #else
    private static let ofProcess = RUSAGE_SELF
  #endif

  private static var all: rusage {
    var usage = rusage()
    getrusage(ofProcess, &usage)
    return usage
  }

  static var processorSeconds: Double {
    let usage = all
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}

/// What of this process is in memory, in KiB; 0 where the system has no /proc.
private struct Resident: CustomStringConvertible {
  /// Its own.
  private var anonymous = 0
  /// Code and other pages of files, which may be given back at any time.
  private var files = 0

  static var now: Resident {
    var resident = Resident()
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in status.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count > 1, let number = Int(words[1]) else { continue }
      if words[0] == "RssAnon:" { resident.anonymous = number }
      if words[0] == "RssFile:" { resident.files = number }
    }
    return resident
  }

  mutating func include(_ other: Resident) {
    (anonymous, files) = (max(anonymous, other.anonymous), max(files, other.files))
  }

  var description: String { "\(anonymous) KiB of its own and \(files) of files" }
}
