import Foundation
import TestSupport
import Testing

/// What the configuration file says of acting, and what a doubt about it leads to: nothing is sent.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PermissionTests {
  /// Asks for an order that would be sent to a server that is not there.
  private static func order(
    in folder: ScratchFolder, title: String = "prod", _ environment: [String: String?] = [:]
  ) throws -> ProgramRun {
    try ProgramRun(
      "throttle a --keyspace k --yes --vtctld 127.0.0.1:1 --title '\(title)' "
        + "--audit-log \(folder.path)/audit.jsonl",
      ["XDG_CONFIG_HOME": folder.path].merging(environment) { $1 })
  }

  /// What the file forbids is not sent.
  @Test(
    arguments: zip(
      [
        "[clusters.prod]\nactions = \"never\"", "actions = \"never\"",
        "[clusters.p]\ntitle = \"prod\"\nactions = \"never\"",
        "[clusters.Prod]\nactions = \"never\"",
        "[clusters.prod]\n[clusters.PROD]\nactions = \"never\"",
        "[clusters.\"prod \"]\nactions = \"on-request\"",
      ],
      [
        ":2:11 forbids actions on prod", ":1:11 forbids actions on prod",
        ":3:11 forbids actions on prod", ":1:1: whether clusters.Prod means prod is not clear",
        ":2:1: whether clusters.PROD means prod is not clear",
        ":1:1: whether clusters.prod  means prod is not clear",
      ]))
  func whatIsForbiddenIsNotSent(_ config: String, _ reason: String) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(config, to: "sluice/config.toml")
    let run = try Self.order(in: folder)
    #expect(
      run.errors.contains("nothing was sent: \(folder.path)/sluice/config.toml\(reason)"),
      "\(run.errors)")
    #expect(run.status == 64)
  }

  /// Tablets of `--at` are named by the operator, so they learn who asks, over TLS as any other.
  @Test(arguments: ["throttle", "unthrottle"])
  func tabletsThatAreNamedGetTheCredentials(_ verb: String) async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("Bearer abc.def\n", to: "credentials")
    let tls = Fixtures.root.appending(path: "tls").path
    let server = try await StubServer(
      over: .init(chain: "\(tls)/server.pem", key: "\(tls)/server.key")
    ) { path in
      let page = path.dropFirst("/tablet-1/".count).prefix { $0 != "?" }.replacing("/", with: "-")
      let file = "vitess-16/http/healthy-idle/tablet-100.\(page).json"
      let body = (try? Fixtures.data(file)) ?? (try? Fixtures.data("\(file).gz")) ?? Data()
      return .body(String(decoding: body, as: UTF8.self))
    }
    let run = try await ProgramRun.besideServers(
      "\(verb) a --at https://localhost:\(server.port)/tablet-1 --yes --http-ca \(tls)/ca.pem "
        + "--http-credentials \(folder.path)/credentials --http-header 'X-Scope: prod' "
        + "--audit-log \(folder.path)/audit.jsonl", ["XDG_CONFIG_HOME": folder.path])
    await server.stop()
    #expect(
      // Of a rule that is not there none is released.
      server.requests.contains {
        $0.hasPrefix(
          "/tablet-1/throttler/\(verb == "throttle" ? "throttle-app?app=a" : "throttled-apps")")
      },
      "\(run) \(server.requests)")
    for head in server.heads {
      #expect(
        head.contains("Authorization: Bearer abc.def") && head.contains("X-Scope: prod"), "\(head)")
    }
  }

  /// A file that is not understood as a whole is not used in part.
  @Test(
    arguments: zip(
      [
        "[clusters]\nprod = \"never\"", "clusters = \"never\"", "[[clusters]]\nname = \"prod\"",
        "[[clusters.prod]]", "[cluster.prod]\nactions = \"never\"",
        "[clusters.prod]\naction = \"never\"", "[clusters.prod]\nactions = \"Never\"",
        "[clusters.prod]\nactions = false", "[clusters.prod]\nactions = [\"never\"]",
        "[clusters.prod.eu]\nactions = \"never\"", "[clusters.other]\nactions = 1",
        "[clusters.prod\n", "[=\nactions = \"never\"",
      ],
      [
        ":2:1: clusters.prod must be a table", ":1:1: clusters must be tables",
        ":1:1: clusters must be tables", ":1:1: clusters.prod must be a table",
        ":1:1: [cluster] is not known; did you mean `[clusters.NAME]`?",
        ":2:1: clusters.prod.action is not known; did you mean `actions`?",
        ":2:11: clusters.prod.actions must be one of \"never\", \"on-request\", \"from-start\"",
        ":2:11: clusters.prod.actions must be one of",
        ":2:11: clusters.prod.actions must be one of",
        ":1:1: [clusters.prod.eu] is not known", ":2:11: clusters.other.actions must be one of",
        ":1:", ":1:1: a table's name is missing",
      ]))
  func aFileThatIsNotUnderstoodSendsNothing(_ config: String, _ reason: String) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(config, to: "sluice/config.toml")
    let run = try Self.order(in: folder)
    #expect(run.errors.contains("\n\(folder.path)/sluice/config.toml\(reason)"), "\(run.errors)")
    #expect(run.errors.contains("--no-config goes on without the file, and then takes no action"))
    #expect(run.output.isEmpty)
    #expect(run.status == 64)
  }

  /// Without the file it is not known what it forbids.
  @Test func withoutTheFileNothingIsSent() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let run = try ProgramRun(
      "throttle a --keyspace k --yes --vtctld 127.0.0.1:1 --no-config "
        + "--audit-log \(folder.path)/audit.jsonl")
    #expect(run.errors.contains("nothing was sent: with --no-config it is not known"))
    #expect(run.status == 64)
  }

  @Test(arguments: ["on-request", "from-start"])
  func whatIsAllowedIsTried(_ word: String) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    #expect(try Self.order(in: folder).output.contains("not sent: nothing was sent: vtctld"))
    try folder.write(
      "[clusters.prod]\nactions = \"\(word)\"\n[clusters.x]\nactions = \"never\"",
      to: "sluice/config.toml")
    #expect(try Self.order(in: folder).output.contains("not sent: nothing was sent: vtctld"))
    #expect(try Self.order(in: folder, title: "x").errors.contains("forbids actions on x"))
  }

  @Test func whatCannotBeReadSendsNothing() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let file = "\(folder.path)/sluice/config.toml"
    func reason(_ environment: [String: String?] = [:]) throws -> String {
      try Self.order(in: folder, environment).errors
    }
    try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: true)
    #expect(try reason().contains("config.toml is not a file"))
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.createSymbolicLink(
      atPath: file, withDestinationPath: "\(folder.path)/gone")
    #expect(try reason().contains("cannot read \(file): No such file"))
    try FileManager.default.removeItem(atPath: file)
    #expect(mkfifo(file, 0o600) == 0)
    #expect(try reason().contains("config.toml is not a file"))
    try FileManager.default.removeItem(atPath: file)
    #expect(FileManager.default.createFile(atPath: file, contents: Data([0x61, 0xFF, 0x0A])))
    #expect(try reason().contains("is not UTF-8"))
    try "".write(toFile: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file)
    #expect(try reason().contains("can be changed by others"))
    // A file where the folder should be.
    try FileManager.default.removeItem(atPath: "\(folder.path)/sluice")
    try folder.write("", to: "sluice")
    #expect(try reason().contains("cannot read \(file): Not a directory"))
    #expect(
      try reason(["XDG_CONFIG_HOME": nil, "HOME": nil]).contains("neither XDG_CONFIG_HOME nor HOME")
    )
    #expect(try reason(["XDG_CONFIG_HOME": "there"]).contains("is not an absolute path"))
  }

  /// Root reads everything.
  @Test(.enabled(if: getuid() != 0)) func aFolderThatCannotBeReadSendsNothing() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("[clusters.prod]\nactions = \"never\"", to: "sluice/config.toml")
    let inner = "\(folder.path)/sluice"
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: inner)
    #expect(try Self.order(in: folder).errors.contains("config.toml: Permission denied"))
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: inner)
  }

  @Test(.enabled(if: Tmux.isInstalled, "tmux is not installed; make test installs it"))
  func theScreenOnlyReadsAndSaysWhy() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("[clusters.Prod]\nactions = \"never\"", to: "sluice/config.toml")
    let program = "env XDG_CONFIG_HOME=\(folder.path) \(sluice) --vtgate 127.0.0.1:1"
    let tmux = try await Tmux("\(program) --title prod", columns: 160)
    try await tmux.wait(for: "this run only reads: ", "config.toml:1:1: whether clusters.Prod")
    tmux.type("A")
    try await tmux.wait(for: "is not clear: spell both alike")
    tmux.end()
    let flag = try ProgramRun(
      "--vtgate 127.0.0.1:1 --title prod --allow-actions", ["XDG_CONFIG_HOME": folder.path])
    #expect(flag.errors.contains("--allow-actions: "))
    #expect(flag.errors.contains("whether clusters.Prod means prod is not clear"))
  }
}
