import Actions
import Foundation
import FleetModel
import TerminalKit
import TestSupport
import Testing

@testable import Dashboard

/// The table of commands, and the documents that show it.
///
/// `RECORD_GOLDENS=1` writes the documents anew.
@Suite struct CommandTests {
  @Test func everyNameHasOneRow() {
    #expect(Command.table.count == Command.ID.allCases.count)
    for id in Command.ID.allCases { #expect(Command.row(id) != nil, "\(id)") }
  }

  @Test func aKeyMeansOneThingAtAPlace() {
    for place in Place.allCases {
      var taken: [Key: Command.ID] = [:]
      for command in Command.table where command.places.contains(place) {
        for key in command.keys(at: place) {
          let other = taken.updateValue(command.id, forKey: key)
          #expect(other == nil, "\(key) at \(place)")
        }
      }
    }
  }

  /// Every layer that keys lead to, each with a scene in which it is on top.
  private static let layers: [(layer: any Layer, scene: Scene)] = {
    var running = ActionTests.scene()
    _ = running.press(.character("R"))
    running.send(.facts(Scene.shards[1], ActionTests.goodFacts()))
    ActionTests.type("commerce/80-", into: &running)
    _ = running.press(.enter)
    if var report = running.model.reports[1] {
      report.sentAt = running.now
      running.send(.reported(1, report))
    }
    let starts = [
      ActionTests.scene(), ActionTests.scene(.onRequest), running,
      Scene.comparison(Size(columns: 100, rows: 30)), RehearsalTests.scene(),
      ClustersTests.overview(),
    ]
    return starts.flatMap { start in
      var known: [Place: Scene] = [:]
      var scenes = [start]
      while let scene = scenes.popLast() {
        let place = scene.model.layers.top.place
        guard known[place] == nil else { continue }
        known[place] = scene
        for command in Command.table where command.places.contains(place) {
          guard let key = command.keys(at: place).first else { continue }
          var next = scene
          _ = next.press(key)
          scenes.append(next)
        }
      }
      return known.values.map { ($0.model.layers.top, $0) }
    }
  }()

  /// Every place belongs to a layer, and keys lead to every layer.
  @Test func everyPlaceIsReachedByKeys() {
    let places = Set(Self.layers.map(\.layer.place))
    #expect(Set(Place.allCases).subtracting(places) == [])
  }

  /// What is offered can be done: there, or as a dialog says, once it is closed.
  @Test func whatIsOfferedIsInTheTable() throws {
    for (layer, scene) in Self.layers {
      for offer in layer.offers(in: scene.model) {
        let command = try #require(Command.row(offer.id))
        let isLater = layer.place == .progress && command.places.contains(.fleet)
        #expect(command.places.contains(layer.place) || isLater, "\(offer) at \(layer.place)")
        // Footers leave out what a place has not.
        let mayLack: [Command.Need?] = [.somethingToLeave, .proxy]
        let isThere = scene.model.holds(command.need) || mayLack.contains(command.need)
        #expect(isThere, "\(offer)")
      }
    }
  }

  /// A row that says itself what it does needs no layer; every other one has a layer that does it.
  @Test func everyRowIsDoneBySomeone() {
    for (layer, scene) in Self.layers {
      for command in Command.table where command.perform == nil {
        guard command.places.contains(layer.place) else { continue }
        var model = scene.model
        #expect(layer.perform(command.id, on: &model) != nil, "\(command.id) at \(layer.place)")
      }
    }
  }

  private static func cell(_ command: Command) -> String {
    let keys = command.keys.map { $0 == .enter ? "`Enter`" : "`\($0.text(.unicode))`" }
    guard !keys.isEmpty else { return "`:\(command.usage)`" }
    return (keys + (command.takesAnyKey ? ["any other"] : [])).joined(separator: " ")
  }

  private static var readme: String {
    "| Key | What it does |\n|---|---|\n"
      + Command.table.filter { !$0.places.isDisjoint(with: Place.screens) }
      .map { "| \(cell($0)) | \($0.meaning) |\n" }.joined()
  }

  private static func location(_ command: Command) -> String {
    var words: [String] = []
    if command.places.isSuperset(of: Place.ofCluster) {
      let others = command.places.subtracting(Place.ofCluster)
      if command.places != Place.everywhere {
        words.append("every screen of a cluster")
        words += Place.allCases.filter { others.contains($0) }.map(\.rawValue)
      }
    } else {
      words += Place.allCases.filter { command.places.contains($0) }.map(\.rawValue)
    }
    switch command.need {
    case .embeddedCluster: words = ["in the demo"]
    case .scenario: words = ["in the demo of a scenario"]
    case .stopped: words = ["while the screen stands still", "in a recording"]
    case .recording: words = ["in a recording"]
    case .failoverElsewhere: words = ["while a failover goes on elsewhere"]
    case .cluster: words.append("not in a recording")
    case .proxy: words.append("where a proxy stands in front")
    case .severalClusters: words.append("while several clusters are open")
    case .themes, .somethingToLeave, nil: break
    }
    return words.isEmpty ? "everywhere" : words.joined(separator: ", ")
  }

  private static var keys: String {
    Command.Group.allCases.map { group in
      "## \(group.rawValue)\n\n| Key | Command | Where | What it does |\n|---|---|---|---|\n"
        + Command.table.filter { $0.group == group }.map {
          "| \(cell($0)) | \($0.usage) | \(location($0)) | \($0.meaning) |\n"
        }.joined()
    }.joined(separator: "\n")
  }

  @Test func theReadmeShowsTheTable() throws {
    try expectTable(Self.readme, of: "commands", in: "README.md")
  }
  @Test func docsKeysShowsTheTable() throws {
    try expectTable(Self.keys, of: "commands", in: "docs/keys.md")
  }
}
