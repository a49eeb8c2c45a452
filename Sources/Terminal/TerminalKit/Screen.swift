/// Something that shows canvases and reports what its user does.
@MainActor
package protocol Screen: AnyObject {
  var size: Size { get }
  var glyphs: Glyphs { get }
  /// Keys and sizes, in the order in which they came. A person cannot produce more of them than can
  /// be handled; anything faster is not a person and is cut off here.
  var events: AsyncStream<ScreenEvent> { get }
  /// Whatever asks the program to end. It overtakes all waiting events.
  var endings: AsyncStream<Ending> { get }
  /// Bytes sent to the terminal so far.
  var bytesWritten: Int { get }

  /// Shows a canvas; writes nothing when it looks the same as the one shown.
  func flush(_ canvas: Canvas)

  /// Shows the whole last canvas again, over whatever is on the terminal.
  func repaint()

  /// Shows everything in other styles, starting with the next canvas.
  func wear(_ styles: StyleSheet)

  /// Asks the terminal for its background; the answer comes as an event, or never.
  func askForBackground()

  /// The styles in which canvases are shown.
  var styles: StyleSheet { get }

  /// Sends a text to the terminal, for its user's clipboard.
  func copy(_ text: String) -> Copying

  /// Draws the user's attention, even when another window has the focus.
  func attract(_ text: String, by means: Set<Attraction>)

  /// What is flushed is seen, and keys come in. Of several screens on one terminal one is in front.
  var isInFront: Bool { get }

  /// Restores the terminal to the state it was found in.
  func close()
}

extension Screen {
  package var isInFront: Bool { true }
}

/// What became of a text to be copied.
package enum Copying: Sendable, Equatable {
  /// It was sent; terminals do not report whether they accepted it.
  case sent
  /// It was sent through a terminal multiplexer, by its name, which must be set to pass it on.
  case sentThrough(String)
  /// It is longer than terminals accept, in bytes.
  case tooLong(limit: Int)
  /// The terminal has no clipboard.
  case impossible
}

/// How a terminal can be asked to draw attention.
package enum Attraction: String, Sendable, CaseIterable {
  case bell
  /// A desktop notification by OSC 9, as iTerm2, kitty, WezTerm and Windows Terminal accept it.
  case osc9
  /// The same by OSC 777, as urxvt, foot and others take it.
  case osc777

  /// What to send; `text` is made safe here.
  package func bytes(_ text: String) -> [UInt8] {
    // A semicolon would begin another field.
    let text = text.safe(limit: 200).map { $0 == ";" ? "," : String($0) }.joined()
    return switch self {
    case .bell: [7]
    case .osc9: Array("\u{1B}]9;\(text)\u{7}".utf8)
    case .osc777: Array("\u{1B}]777;notify;sluice;\(text)\u{7}".utf8)
    }
  }
}

package enum ScreenEvent: Sendable, Equatable {
  /// One key, or several that came together.
  case keys([KeyPress])
  /// The mouse, if it was asked for.
  case mouse(MouseAction)
  /// Text that the terminal's user has pasted.
  case pasted(String)
  case resized(Size)
  /// The terminal's window has gained or lost the focus, if the terminal reports it.
  case focused(Bool)
  /// The terminal has reported its background.
  case background(isDark: Bool)

  /// Of several screens on one terminal, all must know, and not only the one in front.
  package var reachesAll: Bool {
    switch self {
    case .resized, .focused: true
    case .keys, .mouse, .pasted, .background: false
    }
  }
}

package enum Ending: Sendable, Equatable {
  /// Control and C.
  case interrupted
  /// A signal, by its number.
  case signal(Int32)
}
