// swift-tools-version: 6.2

import PackageDescription

/// The settings every Swift target is compiled with.
let common: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// The settings of all targets except those that read C's `stat`.
///
/// Whether its fields count as the C library's or CoreFoundation's depends on which files are
/// compiled together.
let strict = common + [.enableUpcomingFeature("MemberImportVisibility")]

/// Generated code keeps its own habits.
let generated: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The wings that rooms are in, one folder each.
///
/// docs/architecture.md says what each room is for, and which may import which.
enum Wing: String {
  case terminal = "Terminal"
  case domain = "Domain"
  case buffering = "Buffering"
  case wire = "Wire"
  case feeds = "Feeds"
  case showing = "Showing"
  case running = "Running"
  case lab = "Lab"
  case program = "sluice"
  case proxy = "Proxy"
  case bench = "Bench"
}

func room(
  _ name: String, in wing: Wing, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
  resources: [Resource] = [], settings: [SwiftSetting] = strict
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(wing.rawValue)/\(name)",
    exclude: exclude, resources: resources, swiftSettings: settings)
}

func program(
  _ name: String, path: String, _ dependencies: [Target.Dependency]
) -> Target {
  .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(
  _ name: String, in wing: Wing, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: ["TestSupport"] + dependencies,
    path: "Tests/\(wing.rawValue)/\(name)", exclude: exclude, swiftSettings: strict)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioFoundation = Target.Dependency.product(
  name: "NIOFoundationEssentialsCompat", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTPCompression = Target.Dependency.product(
  name: "NIOHTTPCompression", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcTransport = Target.Dependency.product(
  name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
let grpcProtobuf = Target.Dependency.product(
  name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let swiftProtobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let tomlKit = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "sluice",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "sluice", targets: ["sluice"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.44.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .target(
      name: "CBuild", path: "Sources/Running/CBuild",
      cSettings: ["BUILD_DESCRIPTION", "BUILD_DATE"].compactMap { name in
        // Told by the Makefile.
        Context.environment[name].map { .define(name, to: "\"\($0)\"") }
      }),
    .target(
      name: "CNcurses", path: "Sources/Terminal/CNcurses",
      linkerSettings: [
        .linkedLibrary("ncursesw", .when(platforms: [.linux])),
        .linkedLibrary("ncurses", .when(platforms: [.macOS])),
      ]),
    room("TerminalKit", in: .terminal),
    room("TerminalNcurses", in: .terminal, ["CNcurses", "TerminalKit"]),
    room(
      "Themes", in: .terminal, ["TerminalKit", "Terms", tomlKit],
      resources: [.embedInCode("shipped")]),

    room("Terms", in: .domain),
    room("FleetModel", in: .domain, ["Terms"]),
    room("Watching", in: .domain, ["FleetModel", "Terms"]),
    room("Actions", in: .domain, ["FleetModel", "Terms"]),
    room("Wording", in: .domain, ["Actions", "FleetModel", "Terms"]),

    room("Buffering", in: .buffering, ["Terms"]),
    room("Stats", in: .buffering, ["Buffering", "Terms"]),
    room("WhatIf", in: .buffering, ["Buffering", "FleetModel", "Terms", "Wording"]),

    .target(
      name: "CResolver", path: "Sources/Wire/CResolver",
      linkerSettings: [.linkedLibrary("resolv")]),
    room("Exposition", in: .wire),
    room("Certificates", in: .wire, [nioCore, nioSSL, nioTLS]),
    room(
      "VitessClient", in: .wire,
      [
        "Certificates", "Exposition", "FleetModel", "Terms", deque, nioCore, nioFoundation,
        nioHTTP1,
        nioHTTPCompression, nioPosix, nioSSL,
      ]),
    room(
      "PrometheusClient", in: .wire,
      ["FleetModel", "Terms", "VitessClient", nioCore]),
    room(
      "VtctldProtobuf", in: .wire, [swiftProtobuf], exclude: ["vtctld.proto"], settings: generated),
    room(
      "VtctldClient", in: .wire,
      [
        "Actions", "Certificates", "FleetModel", "Terms", "VtctldProtobuf", grpcCore, grpcProtobuf,
        grpcTransport,
        nioCore, nioHPACK, nioHTTP2, swiftProtobuf,
      ]),

    room(
      "Discovery", in: .feeds,
      ["CResolver", "FleetModel", "Terms", "VitessClient", "VtctldClient", "Wording", yams]),
    room(
      "Scrape", in: .feeds,
      ["Discovery", "FleetModel", "Terms", "VitessClient", "Watching", deque, heap]),
    room(
      "PrometheusFeed", in: .feeds,
      [
        "Discovery", "FleetModel", "PrometheusClient", "Scrape", "Terms", "VitessClient",
        "Watching",
      ]),
    .target(
      name: "CZlib", path: "Sources/Feeds/CZlib", linkerSettings: [.linkedLibrary("z")]),
    room("Recording", in: .feeds, ["CZlib", "FleetModel", "Terms", "Watching", grdb]),
    room(
      "Importing", in: .feeds,
      [
        "FleetModel", "PrometheusClient", "Recording", "Terms", "VitessClient", nioCore,
        nioEmbedded, nioFoundation, nioHTTP1, nioHTTPCompression,
      ]),

    room(
      "Dashboard", in: .showing,
      ["Actions", "FleetModel", "TerminalKit", "Terms", "Watching", "WhatIf", "Wording"]),
    room(
      "Reporting", in: .showing,
      ["Dashboard", "FleetModel", "TerminalKit", "Terms", "Watching", "WhatIf", "Wording"]),
    room(
      "Lines", in: .showing,
      [
        "Actions", "Buffering", "FleetModel", "Reporting", "TerminalKit", "Terms", "Watching",
        "WhatIf", "Wording",
      ]),

    room(
      "Alerting", in: .showing, ["FleetModel", "Terms", "VitessClient", "Wording"]),

    room("Timing", in: .running, ["Terms"]),
    room(
      "Operations", in: .running,
      ["Actions", "FleetModel", "Terms", "Timing", "VitessClient", "VtctldClient", "Wording"],
      settings: common),
    room("Settings", in: .running, ["TerminalKit", "Terms", tomlKit]),
    room(
      "Session", in: .running,
      [
        "Actions", "Dashboard", "FleetModel", "Lines", "Operations", "Recording", "Reporting",
        "TerminalKit", "Terms", "Timing", "Watching", "Wording",
      ]),

    room("Lab", in: .lab, ["Buffering", "Stats", "Terms"]),
    room(
      "LabScenarios", in: .lab, ["Buffering", "Lab", "Terms", tomlKit],
      resources: [.embedInCode("scenarios")]),
    room(
      "LabProtobuf", in: .lab, [grpcCore, grpcProtobuf, swiftProtobuf], exclude: ["protos"],
      settings: generated),
    room(
      "LabServer", in: .lab,
      [
        "Buffering", "Lab", "LabProtobuf", "Stats", "Terms", grpcCore, grpcProtobuf, grpcTransport,
        nioCore, nioHTTP1, nioHTTPCompression, nioPosix, swiftProtobuf,
      ],
      resources: [.embedInCode("Catalogue")]),

    room("Cutover", in: .proxy, ["Buffering", "Terms"]),
    room("MySQLWire", in: .proxy, [crypto, nioCore]),
    room("PostgresWire", in: .proxy, [crypto, nioCore]),
    room(
      "ProxyServer", in: .proxy,
      [
        "Buffering", "Cutover", "MySQLWire", "PostgresWire", "Stats", "Terms", nioCore, nioHTTP1,
        nioPosix, nioSSL, nioTLS, tomlKit,
      ]),

    program(
      "sluice", path: "Sources/sluice",
      [
        "Actions", "Alerting", "Buffering", "CBuild", "Cutover", "Dashboard", "Discovery",
        "FleetModel",
        "Importing", "Lab",
        "LabScenarios", "LabServer",
        "Lines", "Operations", "PrometheusClient", "PrometheusFeed", "ProxyServer", "Recording",
        "Reporting", "Scrape", "Session", "Settings", "TerminalKit", "TerminalNcurses", "Terms",
        "Themes", "Timing", "VitessClient",
        "VtctldClient", "Watching", "WhatIf", "Wording", argumentParser, nioPosix,
      ]),

    program("ExpositionBench", path: "Sources/Bench/ExpositionBench", ["Exposition"]),
    program(
      "RecordingBench", path: "Sources/Bench/RecordingBench",
      ["FleetModel", "Recording", "Terms", "Watching"]),

    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .target(
      name: "TestSupport",
      dependencies: ["CAllocations", "TerminalKit", nioCore, nioPosix, nioSSL],
      path: "Tests/TestSupport", swiftSettings: strict),
    tests("TerminalKitTests", in: .terminal, ["TerminalKit"]),
    tests("TerminalNcursesTests", in: .terminal, ["TerminalKit", "TerminalNcurses"]),
    tests(
      "ThemesTests", in: .terminal, ["Dashboard", "TerminalKit", "Themes"], exclude: ["Goldens"]),
    tests("TermsTests", in: .domain, ["Terms"]),
    tests("FleetModelTests", in: .domain, ["FleetModel", "Terms", "Watching", "Wording"]),
    tests("WatchingTests", in: .domain, ["FleetModel", "Terms", "Watching"]),
    tests("ActionsTests", in: .domain, ["Actions", "FleetModel", "Terms", "Wording"]),
    tests("WordingTests", in: .domain, ["Actions", "FleetModel", "Terms", "Wording"]),
    tests("BufferingTests", in: .buffering, ["Buffering", "Terms"]),
    tests(
      "WhatIfTests", in: .buffering,
      ["Buffering", "FleetModel", "Lab", "Lines", "Terms", "Watching", "WhatIf", "Wording"]),
    tests("ExpositionTests", in: .wire, ["Exposition"]),
    tests("CertificatesTests", in: .wire, ["Certificates"]),
    tests(
      "VitessClientTests", in: .wire,
      ["Exposition", "FleetModel", "Lines", "Terms", "VitessClient", "Wording", nioCore]),
    tests(
      "PrometheusClientTests", in: .wire,
      ["FleetModel", "PrometheusClient", "Terms", "VitessClient", nioCore]),
    tests(
      "VtctldClientTests", in: .wire,
      [
        "Actions", "FleetModel", "Lab", "LabProtobuf", "LabServer", "Terms", "VtctldClient",
        "Wording", grpcCore, grpcProtobuf, grpcTransport, swiftProtobuf,
      ]),
    tests(
      "DiscoveryTests", in: .feeds,
      [
        "Discovery", "FleetModel", "Lab", "LabServer", "Terms", "VitessClient", "VtctldClient",
        nioCore, nioPosix,
      ]),
    tests(
      "ScrapeTests", in: .feeds,
      ["Discovery", "FleetModel", "Scrape", "Terms", "VitessClient", "Watching", "Wording"]),
    tests(
      "PrometheusFeedTests", in: .feeds,
      [
        "Discovery", "FleetModel", "Lab", "LabServer", "PrometheusClient", "PrometheusFeed",
        "Scrape",
        "Session", "Terms", "Timing", "VitessClient", "Watching", "Wording",
      ]),
    tests("RecordingTests", in: .feeds, ["FleetModel", "Recording", "Terms", "Watching", grdb]),
    tests(
      "ImportingTests", in: .feeds,
      [
        "FleetModel", "Importing", "PrometheusClient", "Recording", "Terms", "VitessClient",
        "Watching", "Wording",
      ]),
    tests(
      "DashboardTests", in: .showing,
      ["Actions", "Dashboard", "FleetModel", "TerminalKit", "Terms", "VitessClient", "Watching"],
      exclude: ["Goldens"]),
    tests(
      "ReportingTests", in: .showing,
      ["FleetModel", "Reporting", "TerminalKit", "Terms", "Watching", "Wording"]),
    tests(
      "LinesTests", in: .showing,
      [
        "Actions", "FleetModel", "Lines", "Reporting", "Terms", "Watching", "WhatIf", "Wording",
      ]),
    tests(
      "AlertingTests", in: .showing,
      ["Alerting", "Lab", "LabServer", "Terms", "Timing", "VitessClient"]),
    tests(
      "OperationsTests", in: .running,
      [
        "Actions", "FleetModel", "Lab", "LabServer", "Operations", "Terms", "VitessClient",
        "VtctldClient", "Wording",
      ]),
    tests(
      "SessionTests", in: .running,
      [
        "Actions", "Dashboard", "Discovery", "FleetModel", "Lab", "LabServer", "Lines",
        "Operations",
        "Recording",
        "Scrape", "Session", "TerminalKit", "Terms", "Timing", "VitessClient", "VtctldClient",
        "Watching", "Wording",
      ]),
    tests("SettingsTests", in: .running, ["Settings", "TerminalKit"]),
    tests("LabTests", in: .lab, ["Buffering", "Lab", "Stats", "Terms"]),
    tests("LabScenariosTests", in: .lab, ["Lab", "LabScenarios"]),
    tests(
      "LabServerTests", in: .lab,
      [
        "Buffering", "FleetModel", "Lab", "LabProtobuf", "LabServer", "Terms",
        grpcCore, grpcProtobuf, grpcTransport, nioCore, nioHPACK, nioHTTP1, nioPosix, swiftProtobuf,
      ]),
    tests("CutoverTests", in: .proxy, ["Buffering", "Cutover", "Terms"]),
    tests("MySQLWireTests", in: .proxy, ["MySQLWire", nioCore]),
    tests("PostgresWireTests", in: .proxy, ["PostgresWire", nioCore]),
    tests(
      "ProxyServerTests", in: .proxy,
      [
        "Buffering", "Cutover", "FleetModel", "MySQLWire", "PostgresWire", "ProxyServer", "Stats",
        "Terms", "VitessClient", nioCore, nioPosix, nioSSL,
      ]),
    tests("ArchitectureTests", in: .program),
    tests(
      "EndToEndTests", in: .program,
      ["Recording", "Settings", "Terms", "VitessClient", "sluice", grdb]),
  ]
)

#if os(Linux)
  // It reads /proc.
  package.targets.append(
    program(
      "WatchBench", path: "Sources/Bench/WatchBench", [nioCore, nioHTTP1, nioPosix]))
#endif
