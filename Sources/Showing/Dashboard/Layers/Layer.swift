internal import TerminalKit
internal import Terms

/// Something on the terminal that takes keys: a screen, or something on top of it.
///
/// Layers are stacked in a ``LayerStack``, and the topmost takes keys and text first. Its keys and
/// what they mean are listed in ``Command/table``, under its place.
protocol Layer: Equatable, Sendable {
  /// The name under which the table of commands knows it.
  var place: Place { get }
  /// What it asks or says for keys to answer; nil when there is nothing to answer.
  ///
  /// It can be answered only once a frame has shown all of it.
  var question: String? { get }
  /// The shard whose servers are polled closely while the layer is open.
  var shardInHand: ShardName? { get }

  /// Whether a character is text for the focused field.
  func takesText(_ character: Character) -> Bool
  /// Passes a character or an editing key to the focused field.
  func edit(_ key: Key, on model: inout Model)
  /// Passes pasted text to the focused field; false when there is none.
  func paste(_ text: String, on model: inout Model) -> Bool
  /// Performs a command as it is meant here; nil when it has no special meaning here.
  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]?

  /// The commands worth a hint, worded to fit, the most useful first.
  func offers(in model: Model) -> [Offer]
  /// What the last line of the terminal shows.
  func footer(in model: Model) -> FooterView.Purpose
  /// Draws it into the body of the terminal.
  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect)
  /// Whether there is room for all of it.
  func isWhole(in model: Model, _ size: Size) -> Bool
}

/// A command on offer, and what it does from here.
struct Offer: Equatable, Sendable {
  let id: Command.ID
  let words: String

  init(_ id: Command.ID, _ words: String) {
    self.id = id
    self.words = words
  }
}

extension Layer {
  var question: String? { nil }
  var shardInHand: ShardName? { nil }

  func takesText(_ character: Character) -> Bool { false }
  func edit(_ key: Key, on model: inout Model) {}
  func paste(_ text: String, on model: inout Model) -> Bool { false }
  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? { nil }
  func isWhole(in model: Model, _ size: Size) -> Bool { true }

  fileprivate func isEqual(to other: any Layer) -> Bool { (other as? Self) == self }
}

/// A screen and the layers on top of it.
struct LayerStack: Equatable, Sendable {
  var screen: any ScreenLayer
  /// From the bottom to the top.
  private(set) var over: [any Layer] = []

  init(_ screen: any ScreenLayer) { self.screen = screen }

  var top: any Layer { over.last ?? screen }

  mutating func push(_ layer: any Layer) { over.append(layer) }
  /// Removes the topmost layer; the screen stays.
  mutating func pop() { _ = over.popLast() }

  /// Replaces the topmost layer.
  mutating func replaceTop(with layer: any Layer) {
    pop()
    push(layer)
  }

  /// Removes all layers of a type.
  mutating func remove<Kind: Layer>(_ type: Kind.Type) { over.removeAll { $0 is Kind } }

  /// The topmost layer of a type.
  func last<Kind: Layer>(_ type: Kind.Type) -> Kind? { over.last { $0 is Kind } as? Kind }

  /// Changes the topmost layer of a type, if there is one.
  mutating func change<Kind: Layer>(_ type: Kind.Type, _ body: (inout Kind) -> Void) {
    guard let index = over.lastIndex(where: { $0 is Kind }), var layer = over[index] as? Kind
    else { return }
    body(&layer)
    over[index] = layer
  }

  static func == (left: LayerStack, right: LayerStack) -> Bool {
    left.screen.isEqual(to: right.screen) && left.over.count == right.over.count
      && zip(left.over, right.over).allSatisfy { $0.isEqual(to: $1) }
  }
}
