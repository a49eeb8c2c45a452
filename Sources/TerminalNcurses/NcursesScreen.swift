internal import CNcurses
internal import Dispatch
package import TerminalKit

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The terminal, through ncurses: shows canvases, reports keys, sizes and signals.
///
/// ncurses sets the terminal's modes, reads its keys and knows its capabilities; what is painted is the
/// difference between two canvases, by ``FramePainter``. TERM and the palette are never touched.
@MainActor
package final class NcursesScreen: Screen {
  package struct Unavailable: Error, CustomStringConvertible {
    package let description: String
  }

  package private(set) var size: Size
  package let glyphs: Glyphs
  package let events: AsyncStream<ScreenEvent>
  package private(set) var bytesWritten = 0

  private static let endings = [SIGTERM, SIGHUP, SIGINT]

  private let continuation: AsyncStream<ScreenEvent>.Continuation
  private var painter: FramePainter
  /// What the terminal shows; nil when that is not known.
  private var shown: Canvas?
  private var sources: [any DispatchSourceProtocol] = []
  private var isOpen = true

  /// Takes the terminal.
  ///
  /// `forcesASCII`: draw with seven bits even where the locale is UTF-8.
  /// `styles`: makes the style sheet once the number of colours is known.
  package init(forcesASCII: Bool, styles: (_ colors: Int) -> StyleSheet) throws(Unavailable) {
    let isUTF8 = cn_locale_is_utf8()
    if let reason = cn_start() { throw Unavailable(description: String(cString: reason)) }
    glyphs = isUTF8 && !forcesASCII ? .unicode : .ascii
    var columns: Int32 = 0
    var rows: Int32 = 0
    cn_terminal_size(&columns, &rows)
    size = Size(columns: Int(columns), rows: Int(rows))
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    // A theme's RGB can be sent as it is only where a colour number is an RGB value.
    let colors = cn_has_direct_color() ? Int.max : Int(cn_colors())
    painter = FramePainter(styles: styles(colors), capabilities: .ofTerminal())
    cn_capture_stderr()
    listen()
  }

  // MARK: Output

  package func flush(_ canvas: Canvas) {
    guard isOpen else { return }
    let bytes = painter.paint(canvas, over: shown)
    shown = canvas
    if !bytes.isEmpty { write(bytes) }
  }

  private func write(_ bytes: [UInt8]) {
    bytesWritten += bytes.count
    cn_write(bytes.map { CChar(bitPattern: $0) }, bytes.count)
  }

  package func repaint() {
    guard isOpen else { return }
    adoptSize()
  }

  package func attract(_ text: String, by means: Set<Attraction>) {
    guard isOpen else { return }
    for way in Attraction.allCases where means.contains(way) { write(way.bytes(text)) }
  }

  package func close() {
    guard isOpen else { return }
    isOpen = false
    for source in sources { source.cancel() }
    // From here on a second signal ends the program at once.
    for number in Self.endings { signal(number, SIG_DFL) }
    continuation.finish()
    cn_stop()
  }

  // MARK: Input

  private func listen() {
    let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .main)
    keys.setEventHandler { MainActor.assumeIsolated { self.readKeys() } }
    keys.activate()
    sources.append(keys)
    on(SIGWINCH) { $0.adoptSize() }
    on(SIGTSTP) { $0.suspend() }
    on(SIGCONT) { $0.repaint() }
    for number in Self.endings {
      on(number) { $0.continuation.yield(.terminated(number)) }
    }
  }

  private func on(_ number: Int32, _ act: @escaping @MainActor (NcursesScreen) -> Void) {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .main)
    source.setEventHandler { MainActor.assumeIsolated { act(self) } }
    source.activate()
    sources.append(source)
  }

  private func readKeys() {
    var code: UInt32 = 0
    // A terminal that went away reads as end of file for ever, or cannot be asked any more. Only the
    // session's leader is sent a signal then, which under make or a script is another program.
    var bytesWaiting: Int32 = 0
    let canBeAsked = ioctl(STDIN_FILENO, UInt(FIONREAD), &bytesWaiting) == 0
    if !canBeAsked || (bytesWaiting == 0 && hasHungUp()) {
      continuation.yield(.terminated(SIGHUP))
      sources.first?.cancel()
      return
    }
    while true {
      let kind = cn_read_key(&code)
      guard kind != 0 else { return }
      if kind == 1, code == 26 {
        suspend()
      } else if kind == 2, [cn_key_focus_in, cn_key_focus_out].contains(Int32(bitPattern: code)) {
        continuation.yield(.focused(Int32(bitPattern: code) == cn_key_focus_in))
      } else if let key = kind == 1 ? Key(character: code) : Key(code: Int32(bitPattern: code)) {
        continuation.yield(.key(key))
      }
    }
  }

  private func hasHungUp() -> Bool {
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) > 0 && descriptor.revents & Int16(POLLHUP) != 0
  }

  private func adoptSize() {
    guard isOpen else { return }
    var columns: Int32 = 0
    var rows: Int32 = 0
    cn_terminal_size(&columns, &rows)
    cn_resize(columns, rows)
    size = Size(columns: Int(columns), rows: Int(rows))
    shown = nil
    continuation.yield(.resized(size))
  }

  /// Gives the terminal back, stops as the shell expects, and takes it again when continued.
  private func suspend() {
    guard isOpen else { return }
    cn_stop()
    // Sent to this very thread: a signal to the process may stop it some instructions later.
    raise(SIGSTOP)
    cn_resume()
    adoptSize()
  }

}
