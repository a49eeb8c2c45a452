/// Something that shows canvases and reports what its user does.
@MainActor
package protocol Screen: AnyObject {
  var size: Size { get }
  var glyphs: Glyphs { get }
  /// Keys and sizes, in the order in which they came. A person cannot make more of them than are
  /// worked off; what comes faster is no person and is cut off here.
  var events: AsyncStream<ScreenEvent> { get }
  /// What asks the program to end. It overtakes all events that wait.
  var endings: AsyncStream<Ending> { get }
  /// Bytes sent to the terminal so far.
  var bytesWritten: Int { get }

  /// Shows a canvas; writes nothing when it looks like the one shown.
  func flush(_ canvas: Canvas)

  /// Shows the last canvas again whole, over whatever is on the terminal.
  func repaint()

  /// Shows everything in other styles from the next canvas on.
  func wear(_ styles: StyleSheet)

  /// Asks the terminal for its background; an answer comes as an event, or never.
  func askForBackground()

  /// What canvases are shown in.
  var styles: StyleSheet { get }

  /// Hands a text to the terminal, for the clipboard of whoever sits there.
  func copy(_ text: String) -> Copying

  /// Draws the user's attention, also when another window has the focus.
  func attract(_ text: String, by means: Set<Attraction>)

  /// Gives the terminal back as it was found.
  func close()
}

/// What became of a text that was to be copied.
package enum Copying: Sendable, Equatable {
  /// It was sent; terminals do not tell whether they took it.
  case sent
  /// The same through a terminal multiplexer, by its name, which must be told to pass it on.
  case sentThrough(String)
  /// It is longer than terminals take, in bytes.
  case tooLong(limit: Int)
  /// The terminal has no clipboard.
  case impossible
}

/// How a terminal can be asked to draw attention.
package enum Attraction: String, Sendable, CaseIterable {
  case bell
  /// A desktop notification by OSC 9, as iTerm2, kitty, WezTerm and Windows Terminal take it.
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
  /// Keys that came together, or one.
  case keys([KeyPress])
  /// The mouse, where it was asked for.
  case mouse(MouseAction)
  /// Text that the terminal's user has pasted.
  case pasted(String)
  case resized(Size)
  /// The terminal's window has gained or lost the focus, where the terminal reports it.
  case focused(Bool)
  /// The terminal has told its background.
  case background(isDark: Bool)
}

package enum Ending: Sendable, Equatable {
  /// Control and C.
  case interrupted
  /// A signal, by its number.
  case signal(Int32)
}
