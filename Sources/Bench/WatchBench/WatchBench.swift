internal import Dispatch

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// Measures what watching a fleet costs: the program runs as users run it, on a terminal of its own, and
/// beside it whatever it watches.
///
///     WatchBench PROGRAM [ROW ...]
///
///     Row ─ starts ─> Lab or MovingPages          (what is watched)
///         └ starts ─> PROGRAM on a terminal ──┐
///         └ starts ─> Prometheus, VictoriaMetrics, where they are installed
///                          Usage, of each ────┴─> figures, beside their goals
///
/// CPU time and wake-ups are the kernel's (`/proc/PID/task`), so the machine must run Linux, and little
/// else: figures of a loaded machine are those of the load.
@main
enum WatchBench {
  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    let rows = arguments.dropFirst().map { Row(rawValue: $0) }
    guard let program = arguments.first, !rows.contains(where: { $0 == nil }) else {
      print(
        "usage: WatchBench PROGRAM [\(Row.allCases.map(\.rawValue).joined(separator: "|")) ...]")
      exit(2)
    }
    guard Usage.isKnown else {
      print("the costs of a process are read from /proc, which this system does not have")
      exit(1)
    }
    print("| What | Measured | Goal |\n|---|---|---|")
    do {
      for row in rows.isEmpty ? Row.allCases : rows.compactMap(\.self) {
        for figure in try await row.measure(program) { print(figure) }
        fflush(nil)
      }
    } catch {
      print("\(error)")
      exit(1)
    }
  }
}

/// Something that cannot be measured, and why.
struct Trouble: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// One line of the table.
struct Figure: CustomStringConvertible {
  let what: String
  let measured: String
  /// What is to be reached; empty for what is only told beside it.
  let goal: String

  init(_ what: String, _ measured: String, goal: String = "") {
    (self.what, self.measured, self.goal) = (what, measured, goal)
  }

  var description: String { "| \(what) | \(measured) | \(goal) |" }
}

extension Double {
  /// With so many digits behind the point.
  func digits(_ count: Int) -> String {
    var scale = 1.0
    for _ in 0..<count { scale *= 10 }
    let number = (self * scale).rounded() / scale
    return count == 0 ? "\(Int(number))" : "\(number)"
  }
}

extension [Double] {
  /// The value below which a share of them lies; they must be in order.
  func quantile(_ share: Double) -> Double {
    isEmpty ? .nan : self[Swift.min(count - 1, Int(Double(count) * share))]
  }
}
