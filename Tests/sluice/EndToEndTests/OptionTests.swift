import Testing

/// A wrong value of each command's options is refused before anything begins, and the words name the
/// option and what it takes.
@Suite(.timeLimit(.minutes(2))) struct OptionTests {
  static let refusals: [(command: String, words: [String])] = [
    ("--vtgate gate1", ["--vtgate", "host:port"]),
    ("--vtgate http://u:p@gate1:15001", ["--vtgate", "host:port or URL"]),
    ("--vtgate gate1:15001 --http-cert c.pem", ["--http-cert and --http-key go together"]),
    ("--vtgate gate1:15001 --http-ca /nowhere/ca", ["--http-ca: cannot read /nowhere/ca"]),
    (
      "--vtgate gate1:15001 --http-ca /dev/null",
      ["--http-ca: /dev/null holds no certificate in PEM"]
    ),
    (
      "--vtgate gate1:15001 --http-cert Tests/Fixtures/tls/client.pem --http-key Tests/Fixtures/tls/server.key",
      ["--http-key: Tests/Fixtures/tls/server.key is not the key of --http-cert"]
    ),
    (
      "--vtgate gate1:15001 --http-cert Tests/Fixtures/tls/client.pem --http-key Tests/Fixtures/tls/ca.pem",
      ["--http-key: Tests/Fixtures/tls/ca.pem holds no private key in PEM"]
    ),
    (
      "--vtgate gate1:15001 --http-cert Tests/Fixtures/tls/dsa.pem --http-key Tests/Fixtures/tls/dsa.pem",
      ["--http-cert: Tests/Fixtures/tls/dsa.pem is of a kind that TLS has no use for"]
    ),
    (
      "--vtgate gate1:15001 --http-insecure --http-server-name x",
      ["--http-insecure takes any certificate"]
    ),
    ("--vtgate gate1:15001 --http-header secret", ["it is NAME: VALUE, printable on one line"]),
    ("--vtgate gate1:15001 --interval 5", ["it is a number with its unit, such as 5s"]),
    ("--vtgate gate1:15001 --max-requests many", ["it is a number in digits"]),
    (
      "--vtgate gate1:15001 --map 'bad(re -> x'",
      ["it is PATTERN -> ADDRESS, where the pattern is a regular expression"]
    ),
    (
      "--vtgate gate1:15001 --http-proxy http://a:b@h:1",
      ["a proxy's name and password belong in http_proxy of the environment"]
    ),
    ("--discover-dns http://u:p@h:1", ["a URL without a name, a password or a query"]),
    ("--vtctld u:p@host:1", ["--grpc-auth-static-client-creds names a file with them"]),
    (
      "--vtgate gate1:15001 --plain --http-credentials /dev/null",
      ["--http-credentials: /dev/null must hold NAME:PASSWORD"]
    ),
    ("--vtgate gate1:15001 --map 'a -> b c'", ["--map", "pattern -> address"]),
    ("--vtgate gate1:15001 --vtctld https://v:1", ["a gRPC address is HOST:PORT"]),
    ("--vtgate gate1:15001 --interval 1ms", ["--interval must be 50ms to 1h"]),
    ("--vtgate gate1:15001 --interval soon", ["--interval", "duration"]),
    (#"--vtgate gate1:15001 --match 'a="1"'"#, ["--match goes with --prometheus"]),
    ("rules --match 'cluster=prod'", ["--match must be labels", #"cluster="prod""#]),
    (#"rules --match '{cluster="prod"}'"#, ["--match must be labels"]),
    (#"check --prometheus p:9090 --match 'a="1" b="2"'"#, ["--match must be labels"]),
    (
      #"import --prometheus p:9090 --from 14:03 --output x --match 'a="1'"#,
      ["--match must be labels"]
    ),
    ("--vtgate gate1:15001 --max-requests 0", ["--max-requests must be", "to 1000000"]),
    (
      "--vtgate gate1:15001 --max-requests-per-server 9999999",
      ["--max-requests-per-server must be", "to 1000000"]
    ),
    ("--vtgate gate1:15001 --ignore ''", ["--ignore", "pattern"]),
    ("--plain", ["--vtgate HOST:PORT", "sluice demo"]),
    ("--vtgate gate1:15001 --plain --json", ["--plain and --json exclude each other"]),
    (
      "--vtgate gate1:15001 --allow-actions --read-only",
      ["--allow-actions and --read-only exclude each other"]
    ),
    ("--vtgate gate1:15001 --notify horn", ["--notify", "bell", "osc9", "osc777"]),
    ("--vtgate gate1:15001 --notify-on good", ["--notify-on", "warning", "critical"]),
    ("--vtgate gate1:15001 --events /nowhere/events", ["--events /nowhere/events"]),
    (
      "--vtgate gate1:15001 --vtctld-grpc-cert c.pem",
      ["--vtctld-grpc-cert and --vtctld-grpc-key go together"]
    ),
    ("--vtgate gate1:15001 --vtadmin http://a:1", ["--vtadmin and --vtadmin-cluster go together"]),
    (
      "--vtgate gate1:15001 --vtadmin a:1 --vtadmin-cluster c",
      ["'a:1' is invalid for '--vtadmin", "it must be http://HOST:PORT or https://HOST"]
    ),
    ("chekc --vtgate gate1:15001", ["there is no command chekc", "check", "sluice --help"]),
    ("chek", ["and no cluster chek; did you mean `check`? sluice --help lists the commands"]),
    ("check --bogus", ["unknown option --bogus"]), ("--themes x", ["did you mean `--theme`?"]),
    ("no-such-command", ["there is no command no-such-command", "sluice --help"]),
    ("check", ["--vtgate HOST:PORT"]), ("check --wait never", ["--wait", "duration"]),
    ("snapshot --vtgate gate1:15001 --size large", ["--size", "columns x rows"]),
    ("snapshot --vtgate gate1:15001 --shard commerce", ["--shard", "keyspace/shard"]),
    ("lab --vtgates 0", ["--vtgates must be 1 to 200"]),
    ("lab --replicas 21", ["--replicas must be 0 to 20"]),
    ("lab --cells zone1,", ["--cells", "list"]),
    ("lab --cells a,b --cells-to-watch c", ["--cells-to-watch names c"]),
    ("lab --shards 0", ["--shards must be 1 to 1024"]),
    ("lab --shards 2 --keyspace a:0", ["--shards and --keyspace exclude each other"]),
    ("lab --keyspace a:0 --keyspace a:1", ["--keyspace a is given twice"]),
    (
      "lab --keyspace commerce:-80,90-",
      ["--keyspace commerce: no shard serves the keys between -80 and 90-"]
    ),
    ("lab --clients 1001", ["--clients must be 0 to 1000"]),
    ("lab --throttler-threshold 0", ["--throttler-threshold must be above 0"]),
    ("lab --vitess 13", ["--vitess", "14", "24"]),
    ("lab --start", ["--start goes with --scenario"]),
    ("lab --scenario 5 --shards 2", ["5: the cluster has no shard commerce/0"]),
    ("lab --scenario 6 --buffer-window 30s", ["6: vtgate would not start: -buffer_window must be"]),
    ("lab scenario 8", ["no scenario is called \"8\"", "1 to 7"]),
    ("lab do restart server", ["server is no parameter"]),
    (
      "--vtgate nohost",
      ["'nohost' is invalid for '--vtgate", "it has no port: HOST:PORT is wanted"]
    ),
    ("--vtgate h:99999", ["its port is none of 1 to 65535"]),
    ("--vtgate h:web", ["its port is none of 1 to 65535"]),
    ("--vtgate ::1", ["an IPv6 address stands in brackets"]),
    ("--vtgate h_!:80", ["its host is neither a name nor an address"]),
    ("--prometheus 'http://prom/a b'", ["its path has what no path may have"]),
    ("--prometheus ftp://prom", ["only http:// and https:// are known"]),
    ("--vtgate http://joe@gate:1", ["--http-credentials names a file"]),
    ("--prometheus 'http://prom/?token=x'", ["http://prom/?(hidden)'", "a query does not belong"]),
    ("--interval 0 --vtgate a:1", ["--interval must be 50ms to 1h"]),
    ("check --vtgate a:1 --wait 2h", ["--wait must be 50ms to 1h"]),
    ("lab --promotion 1ms", ["--promotion must be 50ms to 1h"]),
    ("demo --reparent-every 0", ["--reparent-every must be 50ms to 1h"]),
    ("rules --lag-threshold 0s", ["--lag-threshold must be more than 0"]),
    ("rules --lag-threshold 5", ["--lag-threshold", "duration"]),
    ("rules --ignore ''", ["--ignore", "pattern"]),
    ("grafana --cluster-label a-b", ["--cluster-label", "label"]),
    ("--vtgate a:1 --proxy-token-file nowhere", ["--proxy-token-file: cannot read nowhere"]),
    ("proxy nowhere.toml", ["cannot read nowhere.toml"]),
    ("cutover start --proxy nowhere.toml --to new", ["cannot read nowhere.toml"]),
    ("cutover switch --proxy nowhere.toml --route commerce", ["--route", "keyspace/shard"]),
    ("lab --port 70000", ["ports must be 0 to 65535"]),
    ("lab --grpc-cert c.pem", ["--grpc-cert and --grpc-key belong together"]),
    ("lab --grpc-auth-static joe", ["--grpc-auth-static must be a name and a password"]),
    (
      "throttle vreplication --keyspace commerce --ratio 2 --dry-run", ["a ratio is 0 to 1"]
    ),
    (
      "throttle vreplication --keyspace commerce --duration 0s --dry-run",
      ["a throttle lasts a second at least"]
    ),
    ("throttle vreplication --keyspace commerce --duration long", ["--duration", "duration"]),
    ("throttle vitess --keyspace commerce --dry-run", ["vitess is how tablets probe one another"]),
    ("throttle vreplication --at tablet", ["--at", "host:port"]),
    ("throttle vreplication", ["--keyspace", "--primaries", "--at"]),
    (
      "reparent commerce/0 --planned --vtgate gate1:15001",
      ["--vtctld HOST:PORT", "--vtadmin"]
    ),
    ("reparent commerce --planned --vtgate gate1:15001", ["keyspace/shard"]),
    ("reparent commerce/0 --vtgate gate1:15001", ["--planned", "--emergency"]),
    (
      "reparent commerce/0 --planned --vtgate gate1:15001 --vtctld v:1 --wait-replicas-timeout 2h",
      ["--wait-replicas-timeout is 1s to 1h"]
    ),
  ]

  @Test(arguments: refusals.map(\.command)) func aWrongOptionIsNamedWithWhatItTakes(
    _ command: String
  ) throws {
    let expected = try #require(Self.refusals.first { $0.command == command }).words
    let run = try ProgramRun(command)
    #expect(run.status == 64, "\(run)")
    #expect(run.output.isEmpty)
    for words in expected { #expect(run.errors.contains(words), "\(run.errors)") }
  }

  /// Of the command that was typed, or none: the whole program's helps nobody.
  @Test func theUsageIsTheCommandsOwn() throws {
    let refused = try ProgramRun("check --wait never")
    #expect(refused.errors.contains("Usage: sluice check "), "\(refused.errors)")
    for command in ["proxy nowhere.toml", "lab scenario 8", "check --cluster nowhere"] {
      let run = try ProgramRun(command)
      #expect(run.status == 64 && run.errors.hasPrefix("Error: "), "\(run)")
      #expect(!run.errors.contains("Usage"), "\(run.errors)")
    }
  }

  @Test func whatIsSaidOfAFileIsSafe() throws {
    for command in [
      "lab --grpc-key k --grpc-cert", "check --vtgate a:1 --http-ca", "proxy", "lab --scenario",
    ] {
      let run = try ProgramRun("\(command) \"$(printf 'no\\033[31m.toml')\"")
      #expect(run.errors.contains("cannot read no\u{FFFD}[31m.toml"), "\(run.errors)")
    }
  }
}
