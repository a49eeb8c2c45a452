internal import Dashboard
internal import Lab
internal import LabServer
internal import Session
internal import Terms

/// The demo's cluster, as its dashboard may drive it.
struct DemoLab: EmbeddedLab {
  private let host: LabHost

  init(_ host: LabHost) { self.host = host }

  func carryOut(_ command: String) async -> LabAnswer {
    do {
      let words = command.split(separator: " ").map(String.init)
      let command = try DrillCommand(words: words, at: await host.instant)
      return LabAnswer(words: try await host.perform(command), isRefused: false)
    } catch {
      return LabAnswer(words: "\(error)", isRefused: true)
    }
  }

  func rehearsal() async -> Rehearsal? {
    let (drill, clients) = await host.progress
    guard let drill else { return nil }
    let scenario = drill.scenario
    var rehearsal = Rehearsal(title: scenario.title, about: scenario.about)
    switch drill.phase {
    case .waiting: break
    case .running(let start): rehearsal.phase = .running(since: start)
    case .over(let start, let end): rehearsal.phase = .over(took: end - start)
    }
    rehearsal.steps = drill.steps(after: .zero).map(\.description)
    rehearsal.clients = Rehearsal.Clients(
      running: clients.running,
      ended: clients.ended.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { Rehearsal.Ended(words: $0.key, count: $0.value) })
    rehearsal.sources = scenario.expectations.map { $0.source == "guide" ? "guide" : "recording" }
    rehearsal.rows = scenario.table(of: drill.counters).map { row in
      Rehearsal.Row(
        counter: row.counter, expected: row.expected, came: row.came, isExact: row.isExact,
        agrees: row.agrees)
    }
    return rehearsal
  }
}
