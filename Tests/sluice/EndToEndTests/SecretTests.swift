import Foundation
import Testing

/// No secret that is planted anywhere comes out anywhere.
@Suite(.timeLimit(.minutes(2))) struct SecretTests {
  private static let secret = "s3cret-4f1c"

  private typealias Plant = (file: String, environment: [String: String], flags: String)

  /// Files, variables and flags with secrets in them that a run can use.
  private static let right: [Plant] = [
    (
      "http-credentials = \"FOLDER/good\"\nhook = \"curl https://hooks.example/SECRET\"\n"
        + "http-header = [\"Authorization: Bearer SECRET\", \"X: SECRET\"]", [:], ""
    ),
    (
      "",
      [
        "SLUICE_HTTP_CREDENTIALS": "joe:SECRET", "SLUICE_HTTP_HEADER": "Authorization: SECRET",
        "SLUICE_HOOK": "post SECRET", "SLUICE_GRPC_AUTH_STATIC_CLIENT_CREDS": "SECRET",
      ], ""
    ),
    ("proxy-token-file = \"FOLDER/bad\"", [:], ""),
    ("", [:], "--http-header 'X: SECRET' --hook 'post SECRET'"),
  ]

  /// The same with something wrong about each.
  private static let wrong: [Plant] = [
    ("http-credentials = \"FOLDER/bad\"", [:], ""),
    ("http-credentials = \"joe:SECRET\"", [:], ""),
    ("http-credentials = \"Bearer SECRET\"", [:], ""),
    ("http-header = \"Authorization SECRET\"", [:], ""),
    ("http-header = [\"X: SECRET\", 3]", [:], ""),
    ("vtgate = \"http://joe:SECRET@gate:1\"", [:], ""),
    ("prometheus = \"http://joe:SECRET@prom:9090\"", [:], ""),
    ("vtadmin = \"http://joe:SECRET@admin:1\"\nvtadmin-cluster = \"c\"", [:], ""),
    ("grpc-auth-static-client-creds = '{\"Password\": \"SECRET\"}'", [:], ""),
    ("grpc-auth-static-client-creds = \"FOLDER/bad\"", [:], ""),
    ("vtadmin = \"http://admin:1/?token=SECRET\"\nvtadmin-cluster = \"c\"", [:], ""),
    ("prometheus = \"http://prom:9090/?token=SECRET\"", [:], ""),
    ("prometheus = \"prom:9090/?SECRET=x\"", [:], ""),
    ("vtgate = [\"joe:SECRET@gate:1\", \"gate:1/#a=SECRET\"]", [:], ""),
    ("discover-dns = \"joe:SECRET@vtgate:15001\"", [:], ""),
    ("discover-dns = \"https://joe:x,'SECRET@vtgate:15001\"", [:], ""),
    ("http-proxy = \"http://joe:SECRET@proxy:1\"", [:], ""),
    ("http-redirect = \"https://gate:1/?token=SECRET\"", [:], ""),
    ("vtctld = \"joe:SECRET@vtctld:15999\"", [:], ""),
    ("map = \"a:1 -> http://joe:SECRET@b:1\"", [:], ""),
    ("", ["SLUICE_HTTP_CREDENTIALS": "SECRET"], ""), ("", ["SLUICE_HTTP_HEADER": "SECRET"], ""),
    ("", ["SLUICE_VTGATE": "http://joe:SECRET@gate:1"], ""),
    ("", [:], "--http-credentials joe:SECRET"), ("", [:], "--http-header 'Authorization: SECRET'"),
    ("", [:], "--vtgate http://joe:SECRET@gate:1"),
  ]

  private static let throttle = "throttle a --keyspace k --yes --vtctld 127.0.0.1:1"

  @Test(arguments: right.indices) func whatIsUsedIsNotShown(_ index: Int) throws {
    try Self.expectSilence(
      Self.right[index],
      ["config", "config --json", "check --vtgate 127.0.0.1:1 --wait 50ms", Self.throttle],
      withFlags: true)
    if !Self.right[index].file.isEmpty {
      try Self.expectSilence(Self.right[index], ["config check"], withFlags: false)
    }
  }

  @Test(arguments: wrong.indices) func whatIsRefusedIsNotShown(_ index: Int) throws {
    try Self.expectSilence(Self.wrong[index], ["config"], withFlags: true)
    if !Self.wrong[index].file.isEmpty {
      try Self.expectSilence(Self.wrong[index], ["config check"], withFlags: false)
    }
  }

  private static func expectSilence(
    _ plant: Plant, _ commands: [String], withFlags: Bool
  ) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    func filled(_ text: String) -> String {
      text.replacing("SECRET", with: secret).replacing("FOLDER", with: folder.path)
    }
    try folder.write(filled("joe:SECRET\n"), to: "good")
    try folder.write(filled("SECRET\n"), to: "bad")
    try folder.write(filled(plant.file), to: "sluice/config.toml")
    var environment: [String: String?] = [
      "XDG_CONFIG_HOME": folder.path, "SLUICE_AUDIT_LOG": "\(folder.path)/audit",
    ]
    for (name, value) in plant.environment { environment[name] = filled(value) }
    for command in commands {
      let run = try ProgramRun(
        withFlags ? "\(command) \(filled(plant.flags))" : command, environment)
      #expect(!run.output.contains(secret), "\(command): \(run.output)")
      #expect(!run.errors.contains(secret), "\(command): \(run.errors)")
      #expect(!(run.output + run.errors).isEmpty)
    }
    let audit = try? String(contentsOfFile: "\(folder.path)/audit", encoding: .utf8)
    #expect(audit?.contains(secret) != true)
  }

  @Test func aHeaderThatSaysWhoOneIsIsNoFlag() throws {
    let run = try ProgramRun("check --vtgate a:1 --http-header 'Authorization: Bearer x'")
    #expect(run.errors.contains("every user of this machine can read a command line"))
    #expect(run.status == 64)
  }
}
