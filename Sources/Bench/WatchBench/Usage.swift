#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// What a process has used so far, by its threads (proc(5)).
struct Usage {
  private struct Thread {
    /// On a core, in nanoseconds.
    let time: UInt64
    /// How often it has waited and was woken.
    let wakes: UInt64
  }

  private let threads: [String: Thread]
  /// KiB of its own, and KiB in memory in all.
  let privateKiB: Int
  let residentKiB: Int
  let descriptors: Int
  var threadCount: Int { threads.count }

  static var isKnown: Bool { access("/proc/self/task", R_OK) == 0 }

  init(of pid: pid_t) {
    var threads: [String: Thread] = [:]
    for name in Self.names(in: "/proc/\(pid)/task") {
      let folder = "/proc/\(pid)/task/\(name)"
      guard
        let time = Self.text("\(folder)/schedstat").split(separator: " ").first.flatMap({
          UInt64($0)
        })
      else { continue }
      let wakes = Self.number(after: "voluntary_ctxt_switches:", in: Self.text("\(folder)/status"))
      threads[name] = Thread(time: time, wakes: UInt64(wakes))
    }
    self.threads = threads
    let memory = Self.text("/proc/\(pid)/smaps_rollup")
    privateKiB =
      Self.number(after: "Private_Clean:", in: memory)
      + Self.number(after: "Private_Dirty:", in: memory)
    residentKiB = Self.number(after: "Rss:", in: memory)
    descriptors = Self.names(in: "/proc/\(pid)/fd").count
  }

  /// The share of a core, in percent, and the wake-ups a second since an earlier look.
  func rates(since start: Usage, over time: Duration) -> (cpu: Double, wakes: Double) {
    var (nanoseconds, wakes): (UInt64, UInt64) = (0, 0)
    for (name, thread) in threads {
      // The name may be that of a thread which has ended in the meantime.
      let before = start.threads[name].map { $0.time <= thread.time ? $0 : nil } ?? nil
      nanoseconds += thread.time - (before?.time ?? 0)
      wakes += thread.wakes - min(thread.wakes, before?.wakes ?? 0)
    }
    let seconds = time / .seconds(1)
    return (Double(nanoseconds) / 1e7 / seconds, Double(wakes) / seconds)
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  private static func text(_ path: String) -> String {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = read(file, &chunk, chunk.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk.prefix(count)
    }
  }

  private static func number(after name: String, in text: String) -> Int {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return line.dropFirst(name.count).split(whereSeparator: { $0 == " " || $0 == "\t" }).first
        .flatMap { Int($0) } ?? 0
    }
    return 0
  }
}
