/// Something that shows canvases and reports what its user does.
@MainActor
package protocol Screen: AnyObject {
  var size: Size { get }
  var glyphs: Glyphs { get }
  /// Keys, sizes and signals, in the order in which they came.
  var events: AsyncStream<ScreenEvent> { get }

  /// Shows a canvas; writes nothing when it looks like the one shown.
  func flush(_ canvas: Canvas)

  /// Shows the last canvas again whole, over whatever is on the terminal.
  func repaint()

  /// Gives the terminal back as it was found.
  func close()
}

package enum ScreenEvent: Sendable, Equatable {
  case key(Key)
  case resized(Size)
  /// A signal asked the program to end; its number.
  case terminated(Int32)
}
