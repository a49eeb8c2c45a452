internal import Foundation
internal import NIOCore
internal import NIOPosix

/// What the database servers of tests have in common: programs that refuse to run as root, in a folder
/// of their own.
enum DatabaseProgram {
  struct Failed: Error { let words: String }

  /// A folder that belongs to whom the server runs as.
  static func newFolder(of user: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if getuid() == 0 { _ = try output(["chown", user, folder.path]) }
    return folder
  }

  /// Runs a program to its end; returns what it writes, and throws what it complains of.
  static func output(_ command: [String], input: String = "") throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = pipe(holding: input)
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    let words = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(words: String(decoding: words, as: UTF8.self))
    }
    return String(decoding: data, as: UTF8.self)
  }

  private static func pipe(holding text: String) -> Pipe {
    let pipe = Pipe()
    try? pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try? pipe.fileHandleForWriting.close()
    return pipe
  }

  /// A port that nobody listens on, and that no connection of others is given by chance.
  static func freePort() async throws -> Int {
    while true {
      let port = Int.random(in: 20_000..<32_000)
      let channel = try? await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .bind(host: "127.0.0.1", port: port).get()
      guard let channel else { continue }
      try await channel.close()
      return port
    }
  }
}
