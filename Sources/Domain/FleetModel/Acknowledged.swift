package import Terms

/// Trouble that an operator knows of: it counts for nothing until it changes.
///
///     a problem ─ acknowledge ─> covered ─┬─ nothing new of its subject: covered on
///                                         ├─ something new, or more of it (of lag, twice as much):
///                                         │  counts again
///                                         └─ over: forgotten, so that it counts when it comes back
package struct Acknowledged: Sendable, Equatable, Codable {
  /// One thing that is wrong, as far as it must stay the same.
  fileprivate struct Mark: Sendable, Hashable, Codable {
    let finding: FleetCheck.Finding.Name
    /// What tells it from others of that name; it is compared and never shown.
    let detail: String
    /// How much of it there is, where more of it is news.
    let amount: Int

    /// It moves from poll to poll, and is compared with what was acknowledged.
    var drifts: Bool { finding == .lagOver }
    /// Up to how much of it there is no news.
    var most: Int { drifts ? amount * 2 : amount }
  }

  /// What became of what was acknowledged of a subject.
  package enum Change: Sendable, Equatable {
    /// There is something else about it, or more.
    case differs
    case over
  }

  private var marks: [FleetCheck.Subject: Set<Mark>] = [:]

  package init() {}

  package var isEmpty: Bool { marks.isEmpty }
  package var subjects: [FleetCheck.Subject] { marks.keys.sorted() }

  package func contains(_ subject: FleetCheck.Subject) -> Bool {
    marks[Self.key(subject)] != nil
  }

  package func covers(_ problem: FleetCheck.Problem) -> Bool {
    guard let known = marks[Self.key(problem.subject)] else { return false }
    return Self.covers(known, Mark(problem.finding))
  }

  /// Whether it is acknowledged that a server does not answer, alone or as one of several of a shard.
  package func coversSilence(of server: Target, in shard: ShardName?) -> Bool {
    if contains(.server(server)) { return true }
    guard server.kind.role == .member else { return false }
    return marks[shard.map { .shard($0) } ?? .tablets(0)]?
      .contains { $0.finding == .tabletsSilent } == true
  }

  /// Whether all that is wrong with a shard itself is acknowledged, and something is.
  package func covers(_ shard: ShardSummary) -> Bool {
    guard contains(.shard(shard.name)) else { return false }
    return FleetCheck.problems(shard).allSatisfy { covers($0) }
  }

  /// Takes these as known, in place of what was known of their subjects.
  package mutating func acknowledge(_ problems: [FleetCheck.Problem]) {
    for (subject, problems) in Self.bySubject(problems) {
      marks[subject] = Set(problems.map { Mark($0.finding) })
    }
  }

  package mutating func withdraw(_ subject: FleetCheck.Subject) {
    marks[Self.key(subject)] = nil
  }

  /// Compares with what is wrong now, and forgets what is no longer as it was acknowledged.
  package mutating func follow(
    _ problems: [FleetCheck.Problem]
  ) -> [(subject: FleetCheck.Subject, change: Change)] {
    let present = Self.bySubject(problems)
    var changes: [(subject: FleetCheck.Subject, change: Change)] = []
    for subject in subjects {
      let known = marks[subject] ?? []
      let now = Set((present[subject] ?? []).map { Mark($0.finding) })
      if now.allSatisfy({ Self.covers(known, $0) }) {
        marks[subject] =
          now.isEmpty
          ? nil
          : Set(now.map { mark in known.first { $0.drifts && $0.finding == mark.finding } ?? mark })
        if now.isEmpty { changes.append((subject, .over)) }
      } else {
        marks[subject] = nil
        changes.append((subject, .differs))
      }
    }
    return changes
  }

  private static func covers(_ known: Set<Mark>, _ mark: Mark) -> Bool {
    known.contains {
      $0.finding == mark.finding && $0.detail == mark.detail && $0.most >= mark.amount
    }
  }

  private static func bySubject(
    _ problems: [FleetCheck.Problem]
  ) -> [FleetCheck.Subject: [FleetCheck.Problem]] {
    Dictionary(grouping: problems) { key($0.subject) }
  }

  /// How many tablets fail alike changes what is wrong, and not whom it concerns.
  private static func key(_ subject: FleetCheck.Subject) -> FleetCheck.Subject {
    if case .tablets = subject { return .tablets(0) }
    return subject
  }
}

extension Acknowledged.Mark {
  /// Without what moves from poll to poll, such as the number of requests held.
  fileprivate init(_ problem: FleetCheck.Finding) {
    finding = problem.name
    var amount = 0
    switch problem {
    case .noAnswer(let failure): detail = Self.kind(failure)
    case .tabletsSilent(let count, _, let failure):
      (detail, amount) = (Self.kind(failure), count)
    case .tabletsNotServing(let count, _): (detail, amount) = ("", count)
    case .holding(let state, _): detail = "\(state)"
    case .disagreement(let found): detail = "\(found.kind)"
    case .failed(let failed): (detail, amount) = ("", failed.count ?? 0)
    case .primaryServesLess(let tablet, let state): detail = "\(tablet.label) \(state)"
    case .addressTakenOver(let tablet, let occupant):
      detail = "\(tablet.label) \(occupant.alias?.description ?? "")"
    case .lagOver(let lag):
      // In thousandths, and no more than can be doubled.
      (detail, amount) = (lag.metric.name, Int(min(max(0, lag.value ?? 0) * 1000, 1e15)))
    case .sourceFails(let source, _): detail = "\(source)"
    case .readInPart(let complaint): detail = "\(complaint)"
    default: detail = ""
    }
    self.amount = amount
  }

  /// How a server fails, which is more than the words of one poll: those change between polls.
  private static func kind(_ failure: ScrapeFailure?) -> String {
    failure.map { "\($0.kind)" } ?? ""
  }
}
