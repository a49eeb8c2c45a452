internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching

/// A screen: the lowest layer, of which there is always one.
protocol ScreenLayer: Layer {
  /// Where Esc leads from it; nil where there is nowhere to go.
  var parent: (any ScreenLayer)? { get }
  /// The shard it is about; nil where it is about the whole fleet.
  func subject(in model: Model) -> ShardName?
  /// It shows how a failover goes.
  func shows(_ failover: Failover, in model: Model) -> Bool
  /// It at least says that a failover goes on.
  func mentions(_ failover: Failover, in model: Model) -> Bool
  /// A failover of the selected shard that begins may take its place.
  func givesWay(to failover: Failover, in model: Model) -> Bool
  /// It has the whole terminal, and hosts are masked on it.
  var isForOthers: Bool { get }
  /// What is going on with what it shows, said in a line above it; nil where it has no such line.
  func situation(in model: Model) -> Situation?
  /// What is copied of it; nil where there is nothing.
  func copied(in model: Model) -> Copied?
  /// Selects a row of its table, by its index there; false where that was selected already.
  func select(_ row: Int, on model: inout Model) -> Bool
  /// What it draws, where that may be higher than the terminal and is scrolled; else nil.
  func scrollingView(of model: Model) -> (any ScrollingView)?
}

extension ScreenLayer {
  func subject(in model: Model) -> ShardName? { nil }
  func shows(_ failover: Failover, in model: Model) -> Bool { false }
  func mentions(_ failover: Failover, in model: Model) -> Bool { false }
  func givesWay(to failover: Failover, in model: Model) -> Bool { false }
  var isForOthers: Bool { false }
  func situation(in model: Model) -> Situation? { nil }
  func copied(in model: Model) -> Copied? { nil }
  func select(_ row: Int, on model: inout Model) -> Bool { false }
  func scrollingView(of model: Model) -> (any ScrollingView)? { nil }

  /// Scrolls.
  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    guard let rows = model.rows(of: command) else { return nil }
    model.scroll(by: rows)
    return []
  }

  func footer(in model: Model) -> FooterView.Purpose {
    var offers = model.isPaused ? Self.offersWhileStopped : offers(in: model)
    if let playback = model.playback {
      // Nothing can be sent from a recording.
      offers.removeAll { Command.row($0.id)?.group == .acting }
      offers = Self.offers(while: playback) + offers
    } else if !model.isPaused {
      offers.append(Offer(.stop, "stop"))
      offers += model.rehearsalOffers
    }
    return .keys(
      offers,
      always: [Offer(.palette, "command"), Offer(.help, "help"), Offer(.quit, "quit")],
      elsewhere: model.announced.map { ($0.shard, model.shardsFailingOver.count - 1) })
  }

  private static func offers(while playback: Playback) -> [Offer] {
    let stop = Offer(.stop, playback.isPlaying ? "stand still" : "play")
    return [
      stop, Offer(.nextEvent, "next event"), Offer(.nextFailover, "next failover"),
      Offer(.faster, "faster"),
    ]
  }

  private static var offersWhileStopped: [Offer] {
    [
      Offer(.stop, "live"), Offer(.earlier, "back"), Offer(.later, "on"),
      Offer(.eventBefore, "event before"), Offer(.nextEvent, "next event"),
    ]
  }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    scrollingView(of: model)?.render(scrolledBy: model.scroll, into: &canvas, in: rect)
  }
}
