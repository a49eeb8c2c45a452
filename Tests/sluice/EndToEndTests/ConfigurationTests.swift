import Foundation
import Settings
import TestSupport
import Testing

/// Settings of every source, through the program.
@Suite(.timeLimit(.minutes(5))) struct ConfigurationTests {
  private struct Told: Decodable {
    struct Setting: Decodable {
      let name: String
      let value: [String]
      let origin: String
      let place: String?
    }

    let type: String
    let version: Int
    let file: String?
    let cluster: String?
    let settings: [Setting]
    let unknown: [String]

    subscript(_ name: String) -> Setting? { settings.first { $0.name == name } }
  }

  private static func told(_ arguments: String, _ environment: [String: String?]) throws -> Told {
    let run = try ProgramRun("config --json \(arguments)", environment)
    #expect(run.status == 0, "\(run)")
    return try JSONDecoder().decode(Told.self, from: Data(run.output.utf8))
  }

  // MARK: Precedence

  fileprivate enum Source: String, CaseIterable { case flag, environment, cluster, file }

  /// Each setting of each source, and of all pairs of them: what counts is the first of both.
  @Test func theFirstOfTwoSourcesCounts() throws {
    let settings = try Program.settings()
    #expect(settings.count > 40)
    for setting in settings {
      let sources = Source.allCases.filter {
        switch setting.reach {
        case .everywhere: true
        case .file: $0 != .cluster
        case .nowhere: $0 == .flag || $0 == .environment
        }
      }
      for first in sources {
        for second in sources where second.rank >= first.rank {
          let resolution = try Self.resolution(setting, settings, [first, second])
          let value = try #require(resolution[setting.name])
          #expect(value.texts == [Self.text(first, setting)], "\(setting.name) \(first) \(second)")
          #expect(value.origin.kind == first.rawValue, "\(setting.name) \(first) \(second)")
        }
      }
    }
  }

  private static func text(_ source: Source, _ setting: Setting) -> String {
    switch setting.kind {
    case .flag: source.rank % 2 == 0 ? "true" : "false"
    default:
      setting.choices.isEmpty
        ? "/\(source.rawValue)" : setting.choices[source.rank % setting.choices.count]
    }
  }

  private static func resolution(
    _ setting: Setting, _ settings: [Setting], _ sources: [Source]
  ) throws -> Resolution {
    var typed: [String: [String]] = [:]
    var environment: [String: String] = [:]
    var (top, section) = ("", "[clusters.prod]\n")
    for source in Set(sources) {
      let text = text(source, setting)
      let line = "\(setting.name) = \(setting.kind == .flag ? text : "\"\(text)\"")\n"
      switch source {
      case .flag where setting.kind == .flag:
        typed[text == "true" ? setting.name : "no-\(setting.name)"] = [""]
      case .flag: typed[setting.name] = [text]
      case .environment: environment[setting.environmentName] = text
      case .cluster: section += line
      case .file: top += line
      }
    }
    let file = SettingsFile(top + section, path: "/c.toml", settings: settings, home: nil)
    #expect(file.problems == [])
    return try Resolution(
      settings, typed: typed, environment: environment, file: file,
      cluster: sources.contains(.cluster) ? file.clusters.first : nil)
  }

  /// A value of each setting that the program takes; those that exclude others are left out.
  private static let samples: [String: String] = [
    "http-proxy": "http://proxy:3128", "http-no-proxy": "10.0.0.0/8",
    "http-redirect": "https://gw.example",
    "vtgate": "gate1:15001", "tablet": "t1:15100", "prometheus": "http://prom:9090",
    "match": "cluster=`prod`", "interval": "2s", "max-requests": "100",
    "max-requests-per-server": "20", "title": "mine", "ignore": "restore_*",
    "discover-file": "/tmp/gates.yml", "discover-dns": "gate:15001", "discover-command": "cat",
    "actions": "never",
    "http-server-name": "x.example", "http-credentials": "/dev/null", "http-header": "X-Team: db",
    "map": "a:1 -> b:2", "vtctld": "v1:15999", "vtctld-grpc-cert": "/dev/null",
    "vtctld-grpc-key": "/dev/null", "vtctld-grpc-ca": "/dev/null", "vtctld-grpc-server-name": "v",
    "grpc-auth-static-client-creds": "/dev/null", "vtadmin": "http://admin:1",
    "vtadmin-cluster": "local", "proxy-token-file": "/dev/null",
    "audit-log": "/tmp/audit.jsonl", "theme": "nord", "colour": "blue", "screenshots": "/tmp",
    "asciicast": "/tmp/x.cast", "notify": "bell", "hook": "cat",
    "notify-on": "warning", "events": "/tmp/events", "wait": "1s", "record": "/tmp/x.sluice",
    "into": "/tmp", "keep": "336h", "keep-size": "100",
    "cluster-label": "env", "lag-threshold": "10s",
  ]
  private static let unsampled: Set = [
    "cluster", "config", "http-ca", "http-cert", "http-key", "http-insecure",
  ]

  /// Each setting of each source arrives in the program, from the same name.
  @Test func everySettingArrivesFromEverySource() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let settings = try Program.settings().filter { !Self.unsampled.contains($0.name) }
    func lines(_ value: (Setting) -> String?) -> String {
      settings.compactMap { setting in value(setting).map { "\(setting.name) = \($0)\n" } }.joined()
    }
    func sample(_ setting: Setting) -> String? {
      setting.kind == .flag ? "true" : Self.samples[setting.name].map { "\"\($0)\"" }
    }
    for setting in settings { #expect(sample(setting) != nil, "\(setting.name) has no sample") }
    try folder.write(
      lines(sample) + "[clusters.prod]\n" + lines { $0.name == "title" ? nil : sample($0) },
      to: "sluice/config.toml")
    var environment: [String: String?] = ["XDG_CONFIG_HOME": folder.path]
    let file = try Self.told("", environment)
    let cluster = try Self.told("--cluster prod", environment)
    for setting in settings {
      environment[setting.environmentName] =
        setting.kind == .flag ? "off" : Self.samples[setting.name] ?? ""
    }
    // The environment would hold the secrets themselves.
    environment["SLUICE_HTTP_CREDENTIALS"] = "joe:planted"
    environment["SLUICE_GRPC_AUTH_STATIC_CLIENT_CREDS"] = "planted"
    let variables = try Self.told("--cluster prod", environment)
    let flags = settings.map { setting in
      setting.kind == .flag
        ? "--\(setting.name)" : "--\(setting.name) '\(Self.samples[setting.name] ?? "")'"
    }
    let typed = try Self.told("--cluster prod " + flags.joined(separator: " "), environment)
    for setting in settings {
      let expected = setting.kind == .flag ? "true" : Self.samples[setting.name] ?? ""
      let name = setting.name
      for (told, origin) in [(file, "file"), (cluster, "cluster"), (typed, "flag")] {
        #expect(told[name]?.origin == origin, "\(name)")
        if setting.secrecy == .none, name != "title" || origin != "cluster" {
          #expect(told[name]?.value == [expected], "\(name)")
        }
      }
      #expect(variables[name]?.origin == "environment", "\(name)")
      #expect(variables[name]?.place == setting.environmentName)
      if setting.kind == .flag { #expect(variables[name]?.value == ["false"], "\(name)") }
    }
    #expect(cluster["title"]?.value == ["prod"])
    #expect(cluster["interval"]?.place?.hasPrefix("\(folder.path)/sluice/config.toml:") == true)
    #expect(cluster.cluster == "prod")
    #expect(file.file == "\(folder.path)/sluice/config.toml")
  }

  // MARK: Values that do not fit

  @Test(
    arguments: zip(
      [
        "interval = \"soon\"", "max-requests = 0", "http-ca = \"gone.pem\"",
        "http-cert = \"/dev/null\"", "interval = \"0s\"", "tablet = \"h:99999\"",
      ],
      [
        ["'soon' is invalid for '--interval", "--interval is set by FILE:1:12"],
        ["--max-requests must be", "--max-requests is set by FILE:1:16"],
        ["--http-ca: cannot read FOLDER/gone.pem", "--http-ca is set by FILE:1:11"],
        ["--http-cert and --http-key go together", "--http-cert is set by FILE:1:13"],
        ["--interval must be 50ms to 1h", "--interval is set by FILE:1:12"],
        ["its port is none of 1 to 65535", "--tablet is set by FILE:1:10"],
      ]))
  func aValueThatDoesNotFitIsSaidWithItsOrigin(_ text: String, _ words: [String]) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(text, to: "sluice/config.toml")
    let run = try ProgramRun("check --vtgate 127.0.0.1:1", ["XDG_CONFIG_HOME": folder.path])
    let inner = "\(folder.path)/sluice"
    for word in words {
      let expected = word.replacing("FILE", with: "\(inner)/config.toml")
        .replacing("FOLDER", with: inner)
      #expect(run.errors.contains(expected), "\(run.errors)")
    }
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    let check = try ProgramRun("config check \(inner)/config.toml")
    #expect(check.status == 1)
    #expect(check.output.contains("\(inner)/config.toml:1:"), "\(check)")
    // Another value from nearer by makes it right.
    let flag = try ProgramRun(
      "check --vtgate 127.0.0.1:1 --wait 100ms --no-config", ["XDG_CONFIG_HOME": folder.path])
    #expect(flag.status == 2, "\(flag)")
  }

  @Test func aVariableThatDoesNotFitIsNamed() throws {
    let value = try ProgramRun("check --vtgate a:1", ["SLUICE_INTERVAL": "soon"])
    #expect(value.errors.contains("--interval is set by SLUICE_INTERVAL"))
    let flag = try ProgramRun("snapshot --vtgate a:1", ["SLUICE_MASK": "perhaps"])
    #expect(flag.errors.contains("SLUICE_MASK: it must be true or false"))
    #expect(!flag.errors.contains("--no-config"))
    #expect([value.status, flag.status] == [64, 64])
    let unknown = try ProgramRun("config", ["SLUICE_INTREVAL": "1s"])
    #expect(
      unknown.errors == "SLUICE_INTREVAL is no setting; did you mean `SLUICE_INTERVAL`?\n")
  }

  @Test func everyProblemOfAFileIsFoundAtOnce() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(
      """
      intervall = "1s"
      wait = "long"
      [clusters.a]
      interval = "soon"
      max-requests = 1
      [clusters.b]
      mask = "yes"
      interval = "1s"
      """, to: "c.toml")
    let run = try ProgramRun("config check \(folder.path)/c.toml")
    let places = run.output.split(separator: "\n").compactMap {
      $0.firstMatch(of: /c\.toml:(\d+:\d+):/).map { String($0.1) }
    }
    #expect(places == ["1:1", "2:8", "4:12", "5:16", "7:8"])
    #expect(run.status == 1)
    #expect(try ProgramRun("config check \(folder.path)/gone.toml").status == 2)
    try folder.write("interval = \"2s\"\n", to: "c.toml")
    let good = try ProgramRun("config check \(folder.path)/c.toml")
    #expect(good.output == "\(folder.path)/c.toml: nothing found\n")
    #expect(good.status == 0)
  }

  /// What does not fit is no missing half of its pair.
  @Test func oneFaultIsOneProblem() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(
      """
      vtadmin = "admin:1"
      vtadmin-cluster = "c"
      prometheus = "prom"
      match = 'cluster="prod"'
      http-cert = "/dev/null"
      http-key = "/nowhere"
      """, to: "c.toml")
    let run = try ProgramRun("config check \(folder.path)/c.toml")
    let places = run.output.split(separator: "\n").compactMap {
      $0.firstMatch(of: /c\.toml:(\d+:\d+):/).map { String($0.1) }
    }
    #expect(places == ["1:11", "3:14", "6:12"], "\(run)")
    try folder.write("vtadmin-cluster = \"c\"\n", to: "c.toml")
    let half = try ProgramRun("config check \(folder.path)/c.toml")
    #expect(
      half.output.contains("c.toml:1:19: --vtadmin and --vtadmin-cluster go together"), "\(half)")
  }

  // MARK: Where settings are read

  /// What opening the clusters would refuse is found before.
  @Test func clustersThatCannotBeOpenedAreFound() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(
      """
      [clusters.a]
      vtgate = ["a:1"]
      [clusters.b]
      title = "same"
      vtgate = ["b:1"]
      [clusters.c]
      title = "same"
      vtgate = ["c:1"]
      [clusters.empty]
      title = "nothing"
      [clusters.topo]
      vtgate = ["d:1"]
      discover-vtctld = true

      """, to: "c.toml")
    let run = try ProgramRun("config check \(folder.path)/c.toml")
    #expect(run.status == 1, "\(run)")
    for words in [
      "b and c have the same title, same: one would be mistaken for the other",
      "c.toml:9:1: nothing to watch: the cluster empty names no vtgate",
      "c.toml:11:1: --discover-vtctld needs a vtctld",
    ] {
      #expect(run.output.contains(words), "\(run)")
    }
  }

  /// The proxy of the environment is in force, and so it is shown, without its password.
  @Test func theEnvironmentsProxyIsShown() throws {
    let environment = ["http_proxy": "http://pu:PLANTED@127.0.0.1:8888", "NO_PROXY": "10.0.0.0/8"]
    let run = try ProgramRun("config --no-config", environment)
    #expect(
      run.output.contains(/(?m)^http-proxy +http:\/\/\(hidden\)@127\.0\.0\.1:8888 +http_proxy$/),
      "\(run)")
    #expect(run.output.contains(/(?m)^http-no-proxy +10\.0\.0\.0\/8 +NO_PROXY$/), "\(run)")
    #expect(!run.output.contains("PLANTED"))
    let told = try Self.told("--no-config", environment.mapValues { $0 })
    #expect(told["http-proxy"]?.value == ["http://(hidden)@127.0.0.1:8888"])
    #expect(told["http-proxy"]?.origin == "environment")
    #expect(told["http-proxy"]?.place == "http_proxy")
    let other = try Self.told("--no-config --http-proxy none", environment.mapValues { $0 })
    #expect(other["http-proxy"]?.value == ["none"])
  }

  @Test func aNamedFileIsReadInPlaceOfTheUsualOne() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("interval = \"2s\"", to: "sluice/config.toml")
    try folder.write("interval = \"3s\"", to: "other.toml")
    let usual: [String: String?] = ["XDG_CONFIG_HOME": folder.path]
    #expect(try Self.told("", usual)["interval"]?.value == ["2s"])
    let other = "\(folder.path)/other.toml"
    #expect(try Self.told("--config \(other)", usual)["interval"]?.value == ["3s"])
    let variable = usual.merging(["SLUICE_CONFIG": other]) { $1 }
    #expect(try Self.told("", variable)["interval"]?.value == ["3s"])
    #expect(try Self.told("--no-config", variable)["interval"]?.value == ["1s"])
    #expect(try Self.told("", ["HOME": folder.path])["interval"]?.value == ["1s"])
    let gone = try ProgramRun("check --config \(folder.path)/gone.toml")
    #expect(gone.errors.contains("\(folder.path)/gone.toml: there is no such file"))
    #expect(gone.status == 64)
    let both = try ProgramRun("check --no-config --config \(other)")
    #expect(both.errors.contains("--config and --no-config exclude each other"))
  }

  /// Nothing is read from the folder in which the program is started.
  @Test func theWorkingDirectorySetsNothing() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    for name in ["config.toml", "sluice.toml", ".sluice.toml", "sluice/config.toml"] {
      try folder.write("interval = \"9s\"", to: name)
    }
    let run = try ProgramRun(
      "config", ["XDG_CONFIG_HOME": nil], limits: "cd \(folder.path);")
    #expect(!run.output.contains("9s"))
    #expect(run.status == 0)
  }

  @Test func helpHangsOnNoConfiguration() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("nonsense", to: "sluice/config.toml")
    for arguments in ["--help", "--version", "check --help", "help check", "themes"] {
      let run = try ProgramRun(arguments, ["XDG_CONFIG_HOME": folder.path])
      #expect(run.status == 0, "\(arguments): \(run)")
    }
    #expect(try ProgramRun("config", ["XDG_CONFIG_HOME": folder.path]).status == 64)
  }

  // MARK: Clusters

  @Test(
    arguments: zip(
      [
        "prod", "--cluster prod", "", "nosuch", "check --cluster prdo", "config",
        "-- staging",
      ],
      [
        ["prod"], ["prod"], ["name one of the clusters prod, staging with --cluster NAME"],
        ["there is no command nosuch", "and no cluster nosuch", "config.toml has prod, staging"],
        ["--cluster prdo: there is no such cluster; did you mean `prod`?"],
        [], ["staging"],
      ]))
  func aClusterIsOpenedByItsName(_ arguments: String, _ words: [String]) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    // A target that is refused ends the run at once, and says whose it is.
    try folder.write(
      "[clusters.prod]\nvtgate = \"prod\"\n[clusters.staging]\nvtgate = \"staging\"\n",
      to: "sluice/config.toml")
    let run = try ProgramRun(arguments, ["XDG_CONFIG_HOME": folder.path])
    #expect(run.status == (words.isEmpty ? 0 : 64), "\(run)")
    for word in words {
      let expected =
        ["prod", "staging"].contains(word) ? "'\(word)' is invalid for '--vtgate" : word
      #expect(run.errors.contains(expected), "\(run.errors)")
    }
  }

  @Test func theFileAndTheEnvironmentChooseACluster() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(
      "cluster = \"a\"\n[clusters.a]\nwait = \"7s\"\n[clusters.b]\nwait = \"8s\"\n",
      to: "sluice/config.toml")
    let place: [String: String?] = ["XDG_CONFIG_HOME": folder.path]
    #expect(try Self.told("", place)["wait"]?.value == ["7s"])
    let variable = place.merging(["SLUICE_CLUSTER": "b"]) { $1 }
    #expect(try Self.told("", variable)["wait"]?.value == ["8s"])
    #expect(try Self.told("--cluster a", variable)["wait"]?.value == ["7s"])
    let gone = try ProgramRun("check", place.merging(["SLUICE_CLUSTER": "c"]) { $1 })
    #expect(gone.errors.contains("SLUICE_CLUSTER c: there is no such cluster"))
    try folder.write("cluster = \"x\"\n", to: "sluice/config.toml")
    let none = try ProgramRun("check", place)
    #expect(none.errors.contains("config.toml:1:11: cluster x: there is no such cluster"))
    #expect(none.errors.contains("names no cluster"))
  }
}

extension ConfigurationTests.Source {
  fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension Resolution.Origin {
  fileprivate var kind: String {
    switch self {
    case .flag: "flag"
    case .environment: "environment"
    case .cluster: "cluster"
    case .file: "file"
    case .standard: "default"
    }
  }
}

/// The program's own description of itself.
enum Program {
  static func tree() throws -> CommandTree {
    try CommandTree(ProgramRun.long("--experimental-dump-help"))
  }

  static func settings() throws -> [Setting] {
    Setting.all(of: try #require(try tree().command(["config"])))
  }
}
