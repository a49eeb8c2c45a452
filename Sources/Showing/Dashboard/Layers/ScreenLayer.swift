internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching

/// A screen: the lowest layer, of which there is always one.
protocol ScreenLayer: Layer {
  /// Where Esc leads; nil if nowhere.
  var parent: (any ScreenLayer)? { get }
  /// The shard it is about; nil if it is about the whole fleet.
  func subject(in model: Model) -> ShardName?
  /// Whether it shows how a failover is going.
  func shows(_ failover: Failover, in model: Model) -> Bool
  /// Whether it at least says that a failover is in progress.
  func mentions(_ failover: Failover, in model: Model) -> Bool
  /// Whether a beginning failover of the selected shard may take its place.
  func givesWay(to failover: Failover, in model: Model) -> Bool
  /// Whether it has the whole terminal, with hosts masked.
  var isForOthers: Bool { get }
  /// The situation of what it shows, for the line above it; nil if it has no such line.
  func situation(in model: Model) -> Situation?
  /// What is copied from it; nil if nothing is.
  func copied(in model: Model) -> Copied?
  /// Selects a row of its table by index; false if it was already selected.
  func select(_ row: Int, on model: inout Model) -> Bool
  /// What it draws, if that may be taller than the terminal and scrolls; nil otherwise.
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
    offers.removeAll { offer in
      guard let command = Command.row(offer.id) else { return true }
      return command.actsOnTablets && model.noTabletsToActOn != nil
        || command.need == .proxy && !model.holds(.proxy)
    }
    if let playback = model.playback {
      // Nothing can be sent from a recording.
      offers.removeAll { Command.row($0.id)?.group == .acting }
      // The way back must fit into any line.
      let back = Array(offers.prefix { $0.id == .back })
      offers = back + Self.offers(while: playback) + offers.dropFirst(back.count)
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
