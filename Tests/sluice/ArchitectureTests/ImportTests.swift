import Foundation
import TestSupport
import Testing

/// docs/architecture.md, the folders, the package and the imports say the same.
@Suite struct ImportTests {
  @Test func everyImportStandsInTheTable() throws {
    let table = try RoomTable()
    for source in try SourceFile.all() {
      let row = try #require(table[source.room], "\(source.room) is not in the table")
      let allowed = row.imports.union(row.foreign)
      for module in source.imports {
        #expect(allowed.contains(module), "\(source.path) imports \(module)")
      }
    }
  }

  @Test func everyImportOfTheTableIsNeeded() throws {
    let imports = Dictionary(grouping: try SourceFile.all(), by: \.room)
      .mapValues { Set($0.flatMap(\.imports)) }
    for row in try RoomTable().rows {
      let unused = row.imports.union(row.foreign).subtracting(imports[row.room] ?? [])
      #expect(unused.isEmpty, "\(row.room) does not import \(unused.sorted())")
    }
  }

  @Test func importsPointDownwards() throws {
    var below: Set<String> = []
    for row in try RoomTable().rows {
      #expect(row.imports.isSubset(of: below), "\(row.room) imports a room that stands above it")
      below.insert(row.room)
    }
  }

  /// Rooms without a file of Swift.
  private static let inC: Set = ["CBuild", "CNcurses", "CResolver", "CZlib"]

  @Test func theFoldersAreTheTable() throws {
    let rows = try RoomTable().rows
    let rooms = Dictionary(
      try SourceFile.all().map { ($0.room, $0.wing) }, uniquingKeysWith: { first, _ in first })
    for row in rows where !Self.inC.contains(row.room) {
      #expect(rooms[row.room] == row.wing, "\(row.room) is not in Sources/\(row.wing)")
    }
    #expect(Set(rooms.keys).union(Self.inC) == Set(rows.map(\.room)))
    let sources = try FileManager.default.contentsOfDirectory(
      atPath: Fixtures.checkout.appending(path: "Sources").path)
    #expect(Set(sources) == Set(rows.map(\.wing)))
    let tests = try FileManager.default.contentsOfDirectory(
      atPath: Fixtures.checkout.appending(path: "Tests").path)
    let support: Set = ["CAllocations", "Fixtures", "TestSupport"]
    #expect(Set(tests).subtracting(support).isSubset(of: Set(sources)))
  }

  @Test func thePackageIsTheTable() throws {
    let manifest = try String(
      contentsOf: Fixtures.checkout.appending(path: "Package.swift"), encoding: .utf8)
    let table = try RoomTable()
    let rooms = Set(table.rows.map(\.room))
    var declared: Set<String> = []
    let targets = manifest.split(separator: /\n    (?:room|program|tests|\.target)\(/).dropFirst()
    for target in targets {
      let names = target.matches(of: /"(\w+)"/).map { String($0.1) }
      guard let room = names.first, let row = table[room] else { continue }
      declared.insert(room)
      let dependencies = Set(names.dropFirst()).intersection(rooms).subtracting([room])
      #expect(dependencies == row.imports, "\(room) in Package.swift")
    }
    #expect(declared == rooms)
  }

  @Test func theDashboardSeesNoClockFileOrSocket() throws {
    for source in try SourceFile.all()
    where ["Dashboard", "FleetModel", "Lab"].contains(source.room) {
      for word in ["ContinuousClock", "SuspendingClock", "Date()", "Task.sleep", "FileManager"] {
        #expect(!source.text.contains(word), "\(source.path) uses \(word)")
      }
    }
  }

  @Test func metricNamesStandOnTheWireAndInTheLabOnly() throws {
    for source in try SourceFile.all()
    where !["VitessClient", "LabServer", "ExpositionBench", "WatchBench"].contains(source.room) {
      for line in source.text.split(separator: "\n")
      where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        let hasName = line.contains("\"vtgate_") || line.contains("\"vttablet_")
        #expect(!hasName, "\(source.path): \(line)")
      }
    }
  }

  @Test func viewsNameRolesAndNeverColours() throws {
    for source in try SourceFile.all() where ["Dashboard", "Session"].contains(source.room) {
      #expect(!source.text.contains(/Color\b/), "\(source.path) names a colour")
    }
  }
}
