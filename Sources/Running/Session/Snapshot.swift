package import Dashboard
package import FleetModel
package import Scrape
package import TerminalKit
package import Terms

/// One screen, drawn without a terminal.
package enum Snapshot {
  /// What is only a change is over by then, and what stays is a fault.
  private static let timeToDecide: Duration = .seconds(7)

  /// Which screen to draw.
  package enum View: Sendable, Equatable {
    case fleet
    case shard(ShardName)
  }

  /// Polls until every target has answered or failed once, and draws the screen.
  ///
  /// `deadline`: how long to wait for that at most.
  @MainActor
  package static func take(
    _ targets: [Target], settings: Model.Settings, scraper: Scraper, view: View,
    canvas empty: Canvas, deadline: Duration, now: @escaping @Sendable () -> Instant
  ) async -> (canvas: Canvas, model: Model) {
    var model = await poll(
      targets, settings: settings, scraper: scraper, size: empty.size, deadline: deadline, now: now)
    if case .shard(let name) = view { model.open(name) }
    var canvas = empty
    model.render(into: &canvas)
    return (canvas, model)
  }

  /// Polls until every target has answered or failed once.
  ///
  /// `looksTwice`: goes on, for as long as ``timeToDecide`` at most, where one look cannot tell whether
  /// something is wrong or only changing.
  @MainActor
  package static func poll(
    _ targets: [Target], settings: Model.Settings, scraper: Scraper,
    size: Size = Size(columns: 80, rows: 24), deadline: Duration, looksTwice: Bool = false,
    now: @escaping @Sendable () -> Instant
  ) async -> Model {
    var model = Model(settings: settings, size: size, now: now())
    let start = now()
    for target in targets { _ = model.update(.watching(target)) }
    var unanswered = Set(targets)
    let reports = scraper.reports
    await scraper.start(targets)
    let timer = Task {
      try? await Task.sleep(for: looksTwice ? max(deadline, timeToDecide) : deadline)
      await scraper.stop()
    }
    for await report in reports {
      _ = model.update(Message(report))
      switch report {
      case .watching(let target): unanswered.insert(target)
      case .outcome(let outcome): unanswered.remove(outcome.target)
      case .forgot(let target, _): unanswered.remove(target)
      case .pace: break
      }
      // A vtgate's answer names tablets before it is reported as an outcome.
      guard unanswered.isEmpty || (looksTwice && now() - start >= deadline) else { continue }
      guard looksTwice else { break }
      _ = model.update(.frame(now()))
      if now() - start >= timeToDecide || !model.live.isUndecided(at: now()) { break }
    }
    timer.cancel()
    await scraper.stop()
    _ = model.update(.tick(now()))
    return model
  }
}
