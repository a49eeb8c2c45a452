internal import TerminalKit
internal import Timing

/// One terminal for several sessions: each has a seat, and one of the seats is in front.
///
///     Screen.events ─> SharedScreen ─┬─> the seat in front            keys, pastes, the mouse
///                                    └─> every seat                   sizes, the focus
///     the seat in front ─ flush ─────────> Screen
///     every seat ─ attract ──────────────> Screen                     with its cluster's title
@MainActor
final class SharedScreen {
  private let screen: any Screen
  private var seats: [Seat] = []
  private(set) var front: Seat?
  private var tasks: [Task<Void, Never>] = []

  init(_ screen: any Screen) { self.screen = screen }

  /// A seat at the back.
  ///
  /// `title`: what a notification of it begins with; nil for none.
  func seat(titled title: String?) -> Seat {
    let seat = Seat(self, screen, title: title)
    seats.append(seat)
    return seat
  }

  func bringToFront(_ seat: Seat) { front = seat }

  /// Passes on what the terminal reports, until it is closed.
  func open() {
    tasks = [
      Task { [events = screen.events] in
        var turn = Turn()
        for await event in events {
          for seat in self.seats where event.reachesAll || seat.isInFront {
            seat.take(event)
          }
          await turn.giveWay()
        }
      },
      Task { [endings = screen.endings] in
        for await ending in endings {
          // A key asks the one in front, a signal everybody.
          for seat in self.seats where ending != .interrupted || seat.isInFront {
            seat.take(ending)
          }
        }
      },
    ]
  }

  /// Restores the terminal: the end of one is the end of all.
  func close() {
    for task in tasks { task.cancel() }
    // Whatever a session still wants to show, nobody is in front any more.
    (seats, front) = ([], nil)
    screen.close()
  }
}

/// What a session of several takes for its screen.
@MainActor
final class Seat: Screen {
  let events: AsyncStream<ScreenEvent>
  let endings: AsyncStream<Ending>
  private let continuation: AsyncStream<ScreenEvent>.Continuation
  private let endingContinuation: AsyncStream<Ending>.Continuation
  private let shared: SharedScreen
  private let screen: any Screen
  private let title: String?

  fileprivate init(_ shared: SharedScreen, _ screen: any Screen, title: String?) {
    self.shared = shared
    self.screen = screen
    self.title = title
    (events, continuation) = AsyncStream.makeStream()
    (endings, endingContinuation) = AsyncStream.makeStream()
  }

  fileprivate func take(_ event: ScreenEvent) { continuation.yield(event) }
  fileprivate func take(_ ending: Ending) { endingContinuation.yield(ending) }

  var isInFront: Bool { shared.front === self }
  var size: Size { screen.size }
  var glyphs: Glyphs { screen.glyphs }
  var bytesWritten: Int { screen.bytesWritten }
  var styles: StyleSheet { screen.styles }

  func flush(_ canvas: Canvas) { if isInFront { screen.flush(canvas) } }
  func repaint() { if isInFront { screen.repaint() } }
  /// Whoever finds that the theme's file has changed finds it for all.
  func wear(_ styles: StyleSheet) { screen.wear(styles) }
  func askForBackground() { if isInFront { screen.askForBackground() } }
  func copy(_ text: String) -> Copying { isInFront ? screen.copy(text) : .impossible }

  func attract(_ text: String, by means: Set<Attraction>) {
    screen.attract(title.map { "\($0): \(text)" } ?? text, by: means)
  }

  func close() {
    continuation.finish()
    endingContinuation.finish()
    shared.close()
  }
}
