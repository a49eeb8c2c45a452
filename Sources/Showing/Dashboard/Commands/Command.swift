internal import TerminalKit

/// Something that can be done with a key: a row of the one table.
///
/// What a key does, the footer, the dialogs' hints, the help, the README and docs/keys.md all come
/// from ``table``.
struct Command: Sendable, Identifiable {
  enum Group: String, CaseIterable, Sendable {
    case moving = "Moving about"
    case choosing = "Choosing what is shown"
    case past = "Looking back"
    case acting = "Acting"
    case program = "The program"
    case dialogs = "In forms and questions"
    case typing = "While typing"
  }

  /// What a command needs besides its place.
  enum Need: Sendable {
    case embeddedCluster, stopped, failoverElsewhere
    /// The embedded cluster rehearses a scenario.
    case scenario
    /// What is shown is a recording.
    case recording
    /// It is the cluster itself.
    case cluster
    /// A proxy stands in front of the selected shard.
    case proxy
    /// There are themes to choose from.
    case themes
    /// Several clusters are open.
    case severalClusters
    /// There is another screen, or a filter, to leave.
    case somethingToLeave
  }

  let id: ID
  let group: Group
  let keys: [Key]
  /// The keys that mean something else at a place.
  let yields: [Place: Set<Key>]
  /// Every key that means nothing else there runs it, too.
  let takesAnyKey: Bool
  /// The places where it does something.
  let places: Set<Place>
  let need: Need?
  /// What may follow its name in the palette, in this order.
  let arguments: [Argument]
  /// Whether only a key that came alone runs it.
  ///
  /// True if it ends the program, changes how servers are polled, leads to what changes a cluster,
  /// or answers a question.
  let mustBeMeant: Bool
  let meaning: String
  /// What it does unless the layer does something of its own; nil if only layers know.
  let perform: (@Sendable (inout Model, Arguments) -> [Effect])?

  /// `changes`, `asks` and `with` say what it does: without work for the session, with some, and
  /// with what follows its name.
  init(
    _ id: ID, _ group: Group, _ keys: [Key], but yields: [Place: Set<Key>] = [:],
    orAnyKey takesAnyKey: Bool = false,
    on places: Set<Place> = Place.ofCluster, when need: Need? = nil,
    takes arguments: [Argument] = [], mustBeMeant: Bool = false, _ meaning: String,
    changes: (@Sendable (inout Model) -> Void)? = nil,
    asks: (@Sendable (inout Model) -> [Effect])? = nil,
    with: (@Sendable (inout Model, Arguments) -> [Effect])? = nil
  ) {
    self.id = id
    self.group = group
    self.keys = keys
    self.yields = yields
    self.takesAnyKey = takesAnyKey
    self.places = places
    self.need = need
    self.arguments = arguments
    self.mustBeMeant = mustBeMeant
    self.meaning = meaning
    if let changes {
      perform = { model, _ in
        changes(&model)
        return []
      }
    } else if let asks {
      perform = { model, _ in asks(&model) }
    } else {
      perform = with
    }
  }

  private static let rows = Dictionary(uniqueKeysWithValues: table.map { ($0.id, $0) })

  /// The row with a given name; a test holds that every name has one.
  static func row(_ id: ID) -> Command? { rows[id] }

  /// What a key may mean at a place; rows that take any key come last.
  static func all(for key: Key, at place: Place) -> [Command] {
    let there = table.filter { $0.places.contains(place) }
    return there.filter { $0.keys(at: place).contains(key) } + there.filter(\.takesAnyKey)
  }

  func keys(at place: Place) -> [Key] { keys.filter { yields[place]?.contains($0) != true } }

  /// The keys as the help shows them; without a key, what the palette calls it.
  func keyText(_ glyphs: Glyphs) -> String {
    guard !keys.isEmpty else { return ":\(id.rawValue)" }
    return (keys.map { $0.text(glyphs) } + (takesAnyKey ? ["any other"] : [])).joined(
      separator: " ")
  }

  /// What it means, preceded by the place unless that is a screen or there are many.
  var meaningInPlace: String {
    guard places.count <= 2, places.isDisjoint(with: Place.screens) else { return meaning }
    let names = Place.allCases.filter(places.contains).map(\.rawValue)
    return "\(names.joined(separator: " or ")): \(meaning)"
  }

  /// The key as a hint shows it: the first one, or both if two belong together.
  func hintKey(_ glyphs: Glyphs) -> String {
    switch id {
    case .up, .previousField: glyphs.upDown
    case .previousChoice, .cursorEarlier: glyphs.leftRight
    case .closeNotice: "any key"
    default: takesAnyKey ? "any other key" : keys.first.map { $0.text(glyphs) } ?? ""
    }
  }
}

extension Key {
  /// The key as it is written on screens and in documents.
  func text(_ glyphs: Glyphs) -> String {
    let isUnicode = glyphs == .unicode
    return switch self {
    case .character(" "): "space"
    case .character(let letter): String(letter)
    case .control(let letter): "^\(letter.uppercased())"
    case .enter: String(glyphs.enter)
    case .escape: "Esc"
    case .backspace: "Bksp"
    case .delete: "Del"
    case .tab: "Tab"
    case .backTab: "S-Tab"
    case .up: isUnicode ? "↑" : "up"
    case .down: isUnicode ? "↓" : "down"
    case .left: isUnicode ? "←" : "left"
    case .right: isUnicode ? "→" : "right"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .home: "Home"
    case .end: "End"
    }
  }
}
