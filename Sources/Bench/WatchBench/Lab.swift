/// The embedded lab, in a process of its own.
struct Lab {
  let child: Child
  /// `HOST:PORT` of each vtgate's pages, and of the control page.
  let vtgates: [String]
  let control: String
  /// How long it took until it said where it listens.
  let startedWithin: Duration

  /// `ports`: those of its vtgates, of which it names only a few itself; nil: any.
  init(_ program: String, _ arguments: [String], ports known: Range<Int>? = nil) async throws {
    let ports = [
      "--port", "\(known?.lowerBound ?? 0)", "--tablet-base", "0", "--vtctld-port", "0",
      "--control-port", "0",
    ]
    // Wide enough for the addresses of the vtgates that it names on one line.
    child = try Child([program, "lab"] + arguments + ports, columns: 8000)
    try await child.until("the lab") { $0.text.contains("http://") || $0.text.contains("Error") }
    startedWithin = .now - child.started
    let text = child.text
    let named = text.matches(of: /--vtgate ([0-9.]+:[0-9]+)/).map { String($0.1) }
    vtgates = named.isEmpty ? [] : known?.map { "127.0.0.1:\($0)" } ?? named
    guard !vtgates.isEmpty, let control = text.firstMatch(of: /http:\/\/([0-9.]+:[0-9]+)/) else {
      throw Trouble("the lab does not start: \(text.suffix(400))")
    }
    self.control = String(control.1)
  }

  /// The arguments with which the program watches it.
  var watching: [String] { vtgates.flatMap { ["--vtgate", $0] } + ["--no-config"] }
}
