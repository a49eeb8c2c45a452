/// The embedded lab, in a process of its own.
struct Lab {
  let child: Child
  /// `HOST:PORT` of each vtgate's pages, and of the control page.
  let vtgates: [String]
  let control: String
  /// How long it took until it said where it listens.
  let startedWithin: Duration

  init(_ program: String, _ arguments: [String]) async throws {
    let ports = ["--port", "0", "--tablet-base", "0", "--vtctld-port", "0", "--control-port", "0"]
    // Wide enough for the addresses of a hundred vtgates on one line.
    child = try Child([program, "lab"] + arguments + ports, columns: 8000)
    try await child.until("the lab") { $0.text.contains("http://") || $0.text.contains("Error") }
    startedWithin = .now - child.started
    let text = child.text
    vtgates = text.matches(of: /--vtgate ([0-9.]+:[0-9]+)/).map { String($0.1) }
    guard !vtgates.isEmpty, let control = text.firstMatch(of: /http:\/\/([0-9.]+:[0-9]+)/) else {
      throw Trouble("the lab does not start: \(text.suffix(400))")
    }
    self.control = String(control.1)
  }

  /// The arguments with which the program watches it.
  var watching: [String] { vtgates.flatMap { ["--vtgate", $0] } + ["--no-config"] }
}
