package import Dashboard
package import FleetModel
internal import Lines
package import Scrape
internal import TerminalKit
package import Terms

/// The dashboard without a screen: a line for each change, until the program is ended.
///
/// It watches as the screen does, at the fast rate where signs of a failover show.
@MainActor
package final class LineSession {
  package enum Format: Sendable { case plain, json }

  /// Answers that arrive within this time of the first share one look.
  private static let gathering: Duration = .milliseconds(10)

  private let acting: Acting?
  private let scraper: Scraper
  private let now: @Sendable () -> Instant
  private let format: Format
  private let plain: PlainLine
  private let json = JSONLine()
  private let write: (String) -> Void
  private let announcer: Announcer
  private var model: Model
  private var changes = FleetChanges()
  private var isLookDue = false

  /// `write`: takes one line without its end.
  package init(
    settings: Model.Settings, scraper: Scraper, format: Format,
    now: @escaping @Sendable () -> Instant, attention: Attention = Attention(),
    acting: Acting? = nil, write: @escaping (String) -> Void
  ) {
    announcer = Announcer(attention, utcOffset: settings.utcOffset)
    self.acting = acting
    self.scraper = scraper
    self.now = now
    self.format = format
    self.write = write
    plain = PlainLine(utcOffset: settings.utcOffset)
    model = Model(settings: settings, size: Size(columns: 80, rows: 24), now: now())
  }

  /// Watches until the scraper is stopped or the task cancelled.
  package func run(_ targets: [Target]) async {
    for target in targets { _ = model.update(.watching(target)) }
    let ticks = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(1), tolerance: .milliseconds(50))
        look(.tick(now()))
      }
    }
    // The rules in the topology are part of the rows.
    let topo = Task { await acting?.watchTopo { _ = model.update($0) } }
    await scraper.start(targets)
    for await report in scraper.reports {
      _ = model.update(Message(report))
      guard !isLookDue else { continue }
      isLookDue = true
      Task {
        try? await Task.sleep(for: Self.gathering, tolerance: .milliseconds(1))
        isLookDue = false
        look(.frame(now()))
      }
    }
    ticks.cancel()
    topo.cancel()
  }

  private func look(_ message: Message) {
    for effect in model.update(message) {
      switch effect {
      case .watchClosely(let targets): Task { await scraper.watchClosely(targets) }
      case .news(let event):
        if let remark = announcer.announce(event, at: now()) { _ = model.update(.noted(remark)) }
      default: break
      }
    }
    let moment = now()
    for change in changes.take(model.live, at: moment) {
      write(format == .plain ? plain.text(change, at: moment) : json.text(change, at: moment))
    }
  }
}

extension Message {
  init(_ report: Scraper.Report) {
    self =
      switch report {
      case .watching(let target): .watching(target)
      case .outcome(let outcome): .scraped(outcome)
      case .forgot(let target, let instant): .forgot(target, at: instant)
      case .pace(let pace): .paced(pace)
      }
  }
}
