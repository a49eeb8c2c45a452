import TerminalKit

/// A screen that remembers what it was shown, and whose keys a test presses.
@MainActor
final class MemoryScreen: Screen {
  var size: Size
  let glyphs = Glyphs.unicode
  let events: AsyncStream<ScreenEvent>
  let endings: AsyncStream<Ending>
  private let continuation: AsyncStream<ScreenEvent>.Continuation
  private let endingContinuation: AsyncStream<Ending>.Continuation
  private(set) var lines: [String] = []
  private(set) var frames = 0
  /// What else happens while a frame is shown.
  var whileShowing: () -> Void = {}
  let bytesWritten = 0

  init(_ size: Size) {
    self.size = size
    (events, continuation) = AsyncStream.makeStream()
    (endings, endingContinuation) = AsyncStream.makeStream()
  }

  /// Presses keys one after another, each by itself.
  func press(_ keys: Key...) {
    for key in keys { continuation.yield(.keys([KeyPress(key)])) }
  }

  /// Sends what else a terminal reports.
  func send(_ event: ScreenEvent) { continuation.yield(event) }
  func end(_ ending: Ending) { endingContinuation.yield(ending) }

  func flush(_ canvas: Canvas) {
    if lines != canvas.lines { frames += 1 }
    lines = canvas.lines
    whileShowing()
  }

  func repaint() {}
  private(set) var worn: [String] = []
  func wear(_ styles: StyleSheet) { worn.append(styles.name) }
  private(set) var timesAsked = 0
  func askForBackground() { timesAsked += 1 }
  let styles = StyleSheet(name: "plain", styles: [:])
  private(set) var copies: [String] = []
  func copy(_ text: String) -> Copying {
    copies.append(text)
    return .sent
  }
  private(set) var attractions: [String] = []
  func attract(_ text: String, by means: Set<Attraction>) { attractions.append(text) }
  func close() { continuation.finish() }

  func shows(_ texts: String...) -> Bool {
    texts.allSatisfy { text in lines.contains { $0.contains(text) } }
  }

  /// The words of a table's row, by what its first column begins with, without its bars.
  func row(_ text: String) -> [String] {
    let line = lines.first { $0.hasPrefix(text) || $0.dropFirst().hasPrefix(text) } ?? ""
    return line.split(separator: " ").map(String.init).filter { word in
      !word.unicodeScalars.allSatisfy { (0x2580...0x259F).contains($0.value) }
    }
  }
}
