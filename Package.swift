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

/// The settings of all but those that read C's `stat`: whether its fields count as the C library's or as
/// CoreFoundation's depends on which files the compiler takes together.
let strict = common + [.enableUpcomingFeature("MemberImportVisibility")]

func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [],
  settings: [SwiftSetting] = strict
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name, dependencies: ["TestSupport"] + dependencies, exclude: excluded(in: name),
    swiftSettings: strict)
}

/// Goldens lie beside the tests that compare them.
func excluded(in name: String) -> [String] { name == "DashboardTests" ? ["Goldens"] : [] }

let asyncHTTPClient = Target.Dependency.product(
  name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioFoundation = Target.Dependency.product(
  name: "NIOFoundationEssentialsCompat", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTPCompression = Target.Dependency.product(
  name: "NIOHTTPCompression", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcTransport = Target.Dependency.product(
  name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
let grpcProtobuf = Target.Dependency.product(
  name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let swiftProtobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let tomlKit = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "sluice",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "sluice", targets: ["sluice"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.44.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .target(
      name: "CNcurses",
      linkerSettings: [
        .linkedLibrary("ncursesw", .when(platforms: [.linux])),
        .linkedLibrary("ncurses", .when(platforms: [.macOS])),
      ]),
    room("TerminalKit"),
    room("Themes", ["TerminalKit", tomlKit], resources: [.embedInCode("default.toml")]),
    room("TerminalNcurses", ["CNcurses", "TerminalKit"]),
    room("Exposition"),
    room("FleetModel"),
    room(
      "VitessClient",
      [
        "Exposition", "FleetModel", nioCore, nioFoundation, nioHTTP1, nioHTTPCompression, nioPosix,
        nioSSL,
      ]),
    // Generated code keeps its own habits.
    .target(
      name: "VtctldProtobuf", dependencies: [swiftProtobuf], exclude: ["vtctld.proto"],
      swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("InternalImportsByDefault")]),
    room(
      "VtctldClient",
      [
        "Actions", "FleetModel", "VtctldProtobuf", grpcCore, grpcProtobuf, grpcTransport, nioCore,
        nioSSL, nioTLS, swiftProtobuf,
      ]),
    room("Actions", ["FleetModel"]),
    room(
      "Operations", ["Actions", "FleetModel", "VitessClient", "VtctldClient"], settings: common),
    room("Scrape", ["FleetModel", "VitessClient", deque, heap]),
    room("Dashboard", ["Actions", "FleetModel", "TerminalKit"]),
    room("Journal", ["Actions", "FleetModel", "TerminalKit"]),
    room(
      "Session",
      [
        "Actions", "Dashboard", "FleetModel", "Journal", "Operations", "Scrape", "TerminalKit",
        "VitessClient", "VtctldClient",
      ]),
    room("Lab", ["FleetModel"]),
    room(
      "LabScenarios", ["FleetModel", "Lab", tomlKit], resources: [.embedInCode("scenarios")]),
    .target(
      name: "LabProtobuf", dependencies: [grpcCore, grpcProtobuf, swiftProtobuf],
      exclude: ["protos"],
      swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("InternalImportsByDefault")]),
    room(
      "LabServer",
      [
        "FleetModel", "Lab", "LabProtobuf", grpcCore, grpcProtobuf, grpcTransport, nioCore,
        nioHTTP1, nioHTTPCompression, nioPosix, swiftProtobuf,
      ]),
    .executableTarget(
      name: "sluice",
      dependencies: [
        "Actions", "Dashboard", "FleetModel", "Journal", "Lab", "LabScenarios", "LabServer",
        "Operations", "Scrape", "Session", "TerminalKit", "TerminalNcurses", "Themes",
        "VitessClient", "VtctldClient", argumentParser, tomlKit,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "ExpositionBench", dependencies: ["Exposition"], swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["TerminalKit", nioCore, nioPosix],
      path: "Tests/TestSupport", swiftSettings: strict),
    tests("ArchitectureTests"),
    tests("DashboardTests", ["Actions", "Dashboard", "FleetModel", "TerminalKit"]),
    tests("EndToEndTests"),
    tests("ExpositionTests", ["Exposition"]),
    tests("FleetModelTests", ["FleetModel"]),
    tests("JournalTests", ["FleetModel", "Journal"]),
    tests("LabTests", ["FleetModel", "Lab"]),
    tests("LabScenariosTests", ["Lab", "LabScenarios"]),
    tests(
      "LabServerTests",
      [
        "FleetModel", "Lab", "LabProtobuf", "LabServer", asyncHTTPClient, grpcCore, grpcProtobuf,
        grpcTransport,
        nioCore, nioHPACK, nioHTTP1, nioPosix, swiftProtobuf,
      ]),
    tests("ScrapeTests", ["FleetModel", "Scrape", "VitessClient"]),
    tests(
      "SessionTests",
      [
        "Actions", "Dashboard", "FleetModel", "Lab", "LabServer", "Operations", "Scrape", "Session",
        "TerminalKit", "VtctldClient",
      ]),
    tests("TerminalKitTests", ["TerminalKit"]),
    tests("TerminalNcursesTests", ["TerminalKit", "TerminalNcurses"]),
    tests("ThemesTests", ["Dashboard", "TerminalKit", "Themes"]),
    tests("VitessClientTests", ["FleetModel", "Journal", "VitessClient", nioCore]),
    tests("ActionsTests", ["Actions", "FleetModel"]),
    tests(
      "OperationsTests",
      [
        "Actions", "FleetModel", "Lab", "LabServer", "Operations", "VitessClient", "VtctldClient",
      ]),
  ]
)
