import Foundation

/// The program run to its end, without a terminal.
struct ProgramRun {
  let status: Int32
  let output: String
  let errors: String

  /// Runs `sluice ARGUMENTS` through a shell, so that descriptors can be redirected and closed.
  ///
  /// `environment`: beside the tests' own without any settings of Sluice's and with an empty home; nil for a
  /// variable that is not to be set.
  /// `limits`: what the shell does before, such as `ulimit -S -n 64;`.
  init(
    _ arguments: String, _ environment: [String: String?] = [:], limits: String = ""
  ) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "\(limits)\(sluice) \(arguments)"]
    var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SLUICE_") }
    variables["HOME"] = "/nonexistent"
    for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME"] { variables[name] = nil }
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Nothing here writes more than a pipe holds.
    process.waitUntilExit()
    status = process.terminationStatus
    self.output = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    self.errors = String(
      decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  }
}

extension ProgramRun {
  /// What it prints, however much that is.
  static func long(_ arguments: String) throws -> String {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let run = try ProgramRun("\(arguments) > \(folder.path)/output")
    guard run.status == 0 else { throw Failure(run: run) }
    return try String(contentsOfFile: "\(folder.path)/output", encoding: .utf8)
  }

  struct Failure: Error { let run: ProgramRun }

  /// Runs it beside servers of the test's own, which would wait for the thread that waits for it.
  static func besideServers(
    _ arguments: String, _ environment: [String: String?] = [:]
  ) async throws -> ProgramRun {
    try await withCheckedThrowingContinuation { waiting in
      DispatchQueue.global().async {
        waiting.resume(with: Result { try ProgramRun(arguments, environment) })
      }
    }
  }
}

/// The lab run as a program beside a test, on free ports.
struct LabProgram {
  let process = Process()
  /// What it printed until it served.
  let greeting: String

  /// `redirection`: of its descriptors, as a shell has it.
  init(_ redirection: String) throws {
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c",
      "exec \(sluice) lab --port 0 --tablet-base 0 --vtctld-port 0 --control-port 0 \(redirection)",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    var text = ""
    while !text.contains("break it: ") {
      let bytes = output.fileHandleForReading.availableData
      if bytes.isEmpty {
        process.waitUntilExit()
        break
      }
      text += String(decoding: bytes, as: UTF8.self)
    }
    greeting = text
  }

  var vtgates: [String] { greeting.matches(of: /--vtgate (\S+)/).map { String($0.1) } }

  /// What `sluice` is given to have it do something.
  func command(_ words: String) -> String {
    let control = greeting.firstMatch(of: /--control (\S+),/).map { String($0.1) } ?? ""
    return "lab do \(words) --control \(control)"
  }

  func end() {
    process.terminate()
    process.waitUntilExit()
  }
}

/// A folder of a test's own.
struct ScratchFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }
}
