internal import ArgumentParser
internal import Cutover
internal import FoundationEssentials
internal import NIOPosix
internal import Operations
internal import ProxyServer
internal import TerminalKit
internal import Terms
internal import Timing

struct ProxyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proxy",
    abstract: "Stand in front of databases, and hold statements while you switch servers.",
    discussion: """
      Clients connect to it as to their database. A cutover holds what is new, waits for what is \
      in flight, and goes on at the other server. Its pages are a vtgate's, so that the dashboard \
      watches it. SIGHUP has it read its file again. docs/proxy.md describes the file.

      For example:
        sluice proxy proxy.toml
        sluice cutover start --proxy proxy.toml --to new
        sluice --vtgate 127.0.0.1:15999
      """)

  @Argument(help: "The proxy's file.", completion: .file())
  var file: String

  func run() async throws {
    let configuration = try ProxyFileOption.read(file)
    let token = try configuration.tokenFile.map { try ProxyFileOption.token($0) }
    if OwnFile.isReadableByOthers(file), configuration.holdsSecrets {
      warn("\(file.safe(limit: 400)) holds passwords and can be read by others: chmod 600 it")
    }
    let clock = RunClock()
    let server = try makeServer(configuration, clock)
    let hangup = Hangup { reload(server, clock) }
    let interruption = Interruption(sparesHangup: true) { signal in
      Task {
        await server.stop()
        Self.lines.finish()
        endBySignal(signal)
      }
    }
    do {
      for address in try await server.start() { StandardOutput.say("clients: \(address)") }
      let pages = try await server.servePages(token: token)
      StandardOutput.say("watch it: sluice --vtgate \(pages)")
    } catch {
      interruption.end()
      throw ValidationError("the proxy cannot listen on \(error)".safe(limit: 400))
    }
    for route in configuration.routes {
      StandardOutput.say("\(route.name) is served by \(route.backend)".safe(limit: 400))
    }
    // Until a signal ends the program.
    while true {
      try await Task.sleep(for: .seconds(3600))
      withExtendedLifetime(hangup) {}
    }
  }

  /// Reads the file again, and says what came of it.
  private func reload(_ server: ProxyServer, _ clock: RunClock) {
    do {
      let kept = try server.reload(try ProxyFileOption.read(file))
      for sentence in kept { Self.log("\(file): \(sentence)", at: clock.now) }
      Self.log("\(file) was read again and is in force", at: clock.now)
    } catch {
      Self.log("\(file) was read again, and nothing is changed: \(error)", at: clock.now)
    }
  }

  /// Event loops log, which must not wait for a terminal.
  private static let lines = LogLines { warn($0) }

  /// Writes a line of the log: when, and what.
  private static func log(_ what: String, at instant: Instant) {
    let time = UTCTime(instant)
    lines.add("\(time.date)T\(time.time)Z \(what)".safe(limit: 600))
  }

  private func makeServer(
    _ configuration: ProxyConfiguration, _ clock: RunClock
  ) throws -> ProxyServer {
    do {
      return try ProxyServer(
        configuration, on: MultiThreadedEventLoopGroup.singleton, now: { clock.now },
        log: { Self.log("\($0)", at: clock.now) }
      ) { gate, group in
        [
          .mysql: try MySQLFront(gate, on: group), .postgres: try PostgresFront(gate, on: group),
        ]
      }
    } catch {
      throw ValidationError("\(error)".safe(limit: 400))
    }
  }
}

/// A proxy's file, for the proxy and for those that command it.
enum ProxyFileOption {
  static func read(_ path: String) throws -> ProxyConfiguration {
    guard let text = contents(of: path) else { throw UnreadableFile.error(path) }
    do {
      return try ProxyFile.read(text, name: path, reading: contents)
    } catch {
      throw ValidationError(error.description.safe(limit: 400))
    }
  }

  /// `setting`: what names the file.
  static func token(_ path: String, named setting: String = "token_file") throws -> String {
    let line = contents(of: path).map { $0.prefix { !$0.isNewline } } ?? ""
    guard !line.isEmpty, line.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw ValidationError("\(setting): \(path) must hold a token on one line".safe(limit: 400))
    }
    return String(line)
  }

  private static func contents(of path: String) -> String? {
    (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
  }
}
