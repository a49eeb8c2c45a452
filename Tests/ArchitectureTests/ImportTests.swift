import Foundation
import TestSupport
import Testing

/// Which room may import what.
///
/// The same table stands in docs/architecture.md.
private let table: [String: Set<String>] = [
  "CNcurses": [],
  "TerminalKit": [],
  "Themes": ["TerminalKit", "TOMLKit", "FoundationEssentials"],
  "TerminalNcurses": ["CNcurses", "TerminalKit", "Dispatch"],
  "Exposition": [],
  "ExpositionBench": ["Exposition"],
  "FleetModel": [],
  "VitessClient": [
    "Exposition", "FleetModel", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOHTTPCompression", "NIOSSL",
    "NIOFoundationEssentialsCompat", "FoundationEssentials", "Synchronization",
  ],
  "VtctldProtobuf": ["SwiftProtobuf", "Foundation", "FoundationEssentials"],
  "VtctldClient": [
    "Actions", "FleetModel", "VtctldProtobuf", "GRPCCore", "GRPCNIOTransportHTTP2Posix",
    "GRPCProtobuf", "NIOCore", "NIOSSL", "NIOTLS", "SwiftProtobuf", "FoundationEssentials",
    "Synchronization",
  ],
  "Actions": ["FleetModel"],
  "Operations": [
    "Actions", "FleetModel", "VitessClient", "VtctldClient", "FoundationEssentials",
    "Synchronization",
  ],
  "Scrape": ["FleetModel", "VitessClient", "DequeModule", "HeapModule", "Synchronization"],
  "Dashboard": ["Actions", "FleetModel", "TerminalKit"],
  "Journal": ["Actions", "FleetModel", "TerminalKit", "FoundationEssentials"],
  "Session": [
    "Actions", "Dashboard", "FleetModel", "Journal", "Operations", "Scrape", "TerminalKit",
    "VitessClient", "VtctldClient", "FoundationEssentials",
  ],
  "Lab": ["FleetModel"],
  "LabProtobuf": [
    "GRPCCore", "GRPCProtobuf", "SwiftProtobuf", "Foundation", "FoundationEssentials",
  ],
  "LabScenarios": ["FleetModel", "Lab", "TOMLKit"],
  "LabServer": [
    "FleetModel", "Lab", "LabProtobuf", "GRPCCore", "GRPCNIOTransportHTTP2Posix", "NIOCore",
    "NIOHTTP1", "NIOHTTPCompression", "NIOPosix", "SwiftProtobuf", "Synchronization",
  ],
  "sluice": [
    "Actions", "Dashboard", "FleetModel", "Journal", "Lab", "LabScenarios", "LabServer",
    "Operations", "Scrape", "Session", "TerminalKit", "TerminalNcurses", "Themes", "VitessClient",
    "VtctldClient", "ArgumentParser", "Dispatch", "FoundationEssentials", "Synchronization",
    "TOMLKit",
  ],
]

/// The C library, under its names.
private let system: Set<String> = ["Glibc", "Musl", "Darwin"]

private struct Source {
  let room: String
  let path: String
  let text: String

  static func all() throws -> [Source] {
    let root = Fixtures.checkout.appending(path: "Sources")
    let files =
      FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return try files.filter { $0.hasSuffix(".swift") }.map { path in
      Source(
        room: String(path.prefix { $0 != "/" }), path: path,
        text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }
  }

  var imports: [String] {
    text.split(separator: "\n").compactMap { line in
      line.firstMatch(of: /^\s*(?:@\w+ )?(?:(?:package|internal|public|private) )?import (\w+)/)
        .map { String($0.1) }
    }
  }
}

@Suite struct ImportTests {
  @Test func everyImportStandsInTheTable() throws {
    for source in try Source.all() {
      let allowed = try #require(table[source.room], "\(source.room) is not in the table")
      for module in source.imports where !system.contains(module) {
        #expect(allowed.contains(module), "\(source.path) imports \(module)")
      }
    }
  }

  @Test func everyRoomOfTheTableExists() throws {
    let rooms = Set(try Source.all().map(\.room)).union(["CNcurses"])
    #expect(rooms == Set(table.keys))
  }

  @Test func theDashboardSeesNoClockFileOrSocket() throws {
    for source in try Source.all() where ["Dashboard", "FleetModel", "Lab"].contains(source.room) {
      for word in ["ContinuousClock", "SuspendingClock", "Date()", "Task.sleep", "FileManager"] {
        #expect(!source.text.contains(word), "\(source.path) uses \(word)")
      }
    }
  }

  @Test func metricNamesStandOnTheWireAndInTheLabOnly() throws {
    for source in try Source.all()
    where !["VitessClient", "LabServer", "ExpositionBench"].contains(source.room) {
      for line in source.text.split(separator: "\n")
      where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        let hasName = line.contains("\"vtgate_") || line.contains("\"vttablet_")
        #expect(!hasName, "\(source.path): \(line)")
      }
    }
  }

  @Test func viewsNameRolesAndNeverColours() throws {
    for source in try Source.all() where ["Dashboard", "Session"].contains(source.room) {
      #expect(!source.text.contains(/Color\b/), "\(source.path) names a colour")
    }
  }
}
