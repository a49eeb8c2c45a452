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
///     bytes ─> InputParser ─> InputGate ─> events         Canvas ─> FramePainter ─> bytes
///
/// Terminfo knows the terminal's capabilities; ``FramePainter`` paints the difference between two
/// canvases, and what is typed goes through ``InputGate``. TERM and the palette are never touched.
@MainActor
package final class NcursesScreen: Screen {
  package struct Unavailable: Error, CustomStringConvertible {
    package let description: String
  }

  package private(set) var size: Size
  package let glyphs: Glyphs
  package let events: AsyncStream<ScreenEvent>
  package let endings: AsyncStream<Ending>
  package private(set) var bytesWritten = 0

  /// What is shown, for whoever records the terminal.
  package enum Shown {
    case output([UInt8])
    case resized(Size)
    /// Nothing more is shown.
    case closed
  }

  /// Takes what is shown from now on; nil when nobody records it.
  package var tap: ((Shown) -> Void)?

  /// Signals that end the program once the terminal is restored; those of a crash are handled by
  /// the shim.
  private static let endingSignals = [
    SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU,
  ]
  /// How long the program has to end by itself after a signal.
  ///
  /// Whoever sends one wants the shell back, whatever keeps the main actor busy: something a server
  /// says, or a terminal that accepts no more bytes.
  private nonisolated static let timeToEnd = DispatchTimeInterval.milliseconds(200)
  /// The largest window that is drawn: no screen shows more, and a terminal may report any size.
  private static let largest = Size(columns: 1000, rows: 400)
  /// The most bytes read before anything else gets its turn.
  private static let mostAtOnce = 1 << 16
  /// What one read takes; a terminal's line discipline keeps no more.
  private static var chunk = [UInt8](repeating: 0, count: 4096)

  private let continuation: AsyncStream<ScreenEvent>.Continuation
  private let endingContinuation: AsyncStream<Ending>.Continuation
  private var gate: InputGate
  private var gateTimer: (any DispatchSourceTimer)?
  private let capabilities: Capabilities
  private var painter: FramePainter
  /// What the terminal shows; nil when that is not known.
  private var shown: Canvas?
  private var sources: [any DispatchSourceProtocol] = []
  /// Where signals that end the program are handled, whether or not the main actor is free.
  private let endingQueue = DispatchQueue(label: "sluice.endings")
  private var isOpen = true

  /// Takes over the terminal.
  ///
  /// `forcesASCII`: draws with seven bits even in a UTF-8 locale. `takesMouse`: asks the terminal
  /// to report clicks and the wheel. `styles`: makes the style sheet once the number of colours is
  /// known.
  package init(
    forcesASCII: Bool, takesMouse: Bool, styles: (_ colors: Int) -> StyleSheet
  ) throws(Unavailable) {
    let isUTF8 = cn_locale_is_utf8()
    if let reason = cn_start(takesMouse) { throw Unavailable(description: String(cString: reason)) }
    glyphs = isUTF8 && !forcesASCII ? .unicode : .ascii
    size = Self.terminalSize
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    (endings, endingContinuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    gate = InputGate(.ofTerminal(), readsMouse: takesMouse)
    let isDirect = Self.hasDirectColor
    capabilities = .ofTerminal(hasDirectColor: isDirect)
    painter = FramePainter(
      styles: styles(isDirect ? .max : Int(cn_colors())), capabilities: capabilities)
    cn_capture_stderr()
    listen()
  }

  // MARK: Output

  package func flush(_ canvas: Canvas) {
    guard isOpen else { return }
    let bytes = painter.paint(canvas, over: shown)
    shown = canvas
    guard !bytes.isEmpty else { return }
    write(bytes)
    tap?(.output(bytes))
  }

  private func write(_ bytes: [UInt8]) {
    bytesWritten += bytes.count
    cn_write(bytes.map { CChar(bitPattern: $0) }, bytes.count)
  }

  package func repaint() {
    guard isOpen else { return }
    adoptSize()
  }

  package func wear(_ styles: StyleSheet) {
    painter = FramePainter(styles: styles, capabilities: capabilities, isRestyling: true)
  }

  package func askForBackground() {
    guard isOpen else { return }
    // OSC 11, terminated by ST: a terminal that does not know it shows nothing, and rings no bell.
    write(Array("\u{1B}]11;?\u{1B}\\".utf8))
  }

  /// Whether colours can be sent as red, green and blue: terminfo says so, or COLORTERM, which
  /// terminals set whose TERM promises less.
  ///
  /// GNU screen passes COLORTERM on but does not understand such colours.
  private static var hasDirectColor: Bool {
    if cn_has_direct_color() { return true }
    return cn_colors() >= 256 && variable("STY") == nil
      && ["truecolor", "24bit"].contains(variable("COLORTERM") ?? "")
  }

  package var styles: StyleSheet { painter.styles }

  package func copy(_ text: String) -> Copying {
    guard isOpen else { return .impossible }
    let clipboard = Clipboard(
      term: Self.variable("TERM") ?? "", hasColor: cn_colors() > 0,
      isInTmux: Self.variable("TMUX") != nil, isInScreen: Self.variable("STY") != nil)
    let (bytes, copying) = clipboard.bytes(text)
    if !bytes.isEmpty { write(bytes) }
    return copying
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
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
    for number in Self.endingSignals { signal(number, SIG_DFL) }
    continuation.finish()
    endingContinuation.finish()
    cn_stop()
    tap?(.closed)
  }

  // MARK: Input

  private func listen() {
    let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .main)
    let timer = DispatchSource.makeTimerSource(queue: .main)
    gateTimer = timer
    for source in [keys, timer] as [any DispatchSourceProtocol] {
      source.setEventHandler { MainActor.assumeIsolated { self.readInput() } }
      source.activate()
      sources.append(source)
    }
    on(SIGWINCH) { $0.adoptSize() }
    on(SIGTSTP) { $0.suspend() }
    on(SIGCONT) { $0.repaint() }
    for number in Self.endingSignals { end(by: number) }
  }

  private func on(_ number: Int32, _ act: @escaping @MainActor (NcursesScreen) -> Void) {
    take(number, on: .main) { MainActor.assumeIsolated { act(self) } }
  }

  private func end(by number: Int32) {
    take(number, on: endingQueue) { [endingContinuation, endingQueue] in
      endingContinuation.yield(.signal(number))
      endingQueue.asyncAfter(deadline: .now() + Self.timeToEnd) { cn_end(number) }
    }
  }

  private func take(
    _ number: Int32, on queue: DispatchQueue, _ act: @escaping @Sendable () -> Void
  ) {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setEventHandler(handler: act)
    source.activate()
    sources.append(source)
  }

  private var now: Duration { .nanoseconds(Int64(DispatchTime.now().uptimeNanoseconds)) }

  /// Reads what is there, and passes on what is complete.
  private func readInput() {
    guard isOpen else { return }
    var room = Self.mostAtOnce
    while room > 0 {
      let count = Self.chunk.withUnsafeMutableBytes { chunk in
        let bytes = chunk.bindMemory(to: UInt8.self)
        let count = cn_read(bytes.baseAddress, bytes.count)
        if count > 0 { gate.take(bytes.prefix(count), at: now) }
        return count
      }
      if count == 0 { break }
      // A terminal that went away can be read for ever. Only the session's leader is then sent a
      // signal, and under make or a script that is another program.
      guard count > 0 else {
        endingContinuation.yield(.signal(SIGHUP))
        sources.first?.cancel()
        return
      }
      room -= count
    }
    for output in gate.due(at: now) { handOn(output) }
    if let deadline = gate.deadline {
      let wait = max(.zero, deadline - now)
      gateTimer?.schedule(
        deadline: .now() + .nanoseconds(Int(wait / .nanoseconds(1))), leeway: .milliseconds(1))
    }
  }

  private func handOn(_ output: InputGate.Output) {
    switch output {
    case .keys(let presses): press(presses)
    case .pasted(let text): continuation.yield(.pasted(text))
    case .focused(let isFocused): continuation.yield(.focused(isFocused))
    case .mouse(let action): continuation.yield(.mouse(action))
    case .background(let background):
      continuation.yield(.background(isDark: background.isDark))
    }
  }

  private func press(_ presses: [KeyPress]) {
    guard presses.count == 1, let press = presses.first, press.cameAlone else {
      continuation.yield(.keys(presses))
      return
    }
    switch press.key {
    case .control("c"): endingContinuation.yield(.interrupted)
    case .control("z"): suspend()
    default: continuation.yield(.keys(presses))
    }
  }

  private static var terminalSize: Size {
    var columns: Int32 = 0
    var rows: Int32 = 0
    cn_terminal_size(&columns, &rows)
    return Size(
      columns: min(Int(columns), largest.columns), rows: min(Int(rows), largest.rows))
  }

  private func adoptSize() {
    guard isOpen else { return }
    size = Self.terminalSize
    shown = nil
    tap?(.resized(size))
    continuation.yield(.resized(size))
  }

  /// Restores the terminal, stops as the shell expects, and takes it over again when continued.
  private func suspend() {
    guard isOpen else { return }
    cn_stop()
    // Sent to this very thread, because a signal to the process may stop it some instructions
    // later.
    raise(SIGSTOP)
    cn_resume()
    adoptSize()
  }
}
