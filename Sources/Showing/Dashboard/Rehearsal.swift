package import Terms

/// The scenario that the embedded cluster rehearses, and how it stands.
package struct Rehearsal: Equatable, Sendable {
  package enum Phase: Equatable, Sendable {
    /// Nothing is done until it is started.
    case waiting
    case running(since: Instant)
    case over(took: Duration)
  }

  /// Clients that ended with the same error.
  package struct Ended: Equatable, Sendable {
    package let words: String
    package let count: Int

    package init(words: String, count: Int) {
      self.words = words
      self.count = count
    }
  }

  package struct Clients: Equatable, Sendable {
    package var running = 0
    package var ended: [Ended] = []

    package init(running: Int = 0, ended: [Ended] = []) {
      self.running = running
      self.ended = ended
    }

    var died: Int { ended.reduce(0) { $0 + $1.count } }
  }

  /// A counter beside what the scenario's sources say of it.
  package struct Row: Equatable, Sendable {
    package let counter: String
    /// In the order of ``Rehearsal/sources``, of which the last one decides.
    package let expected: [Int]
    /// Since the scenario was started.
    package let came: Int
    /// It must be equal; else it must agree in being zero or not.
    package let isExact: Bool
    package let agrees: Bool

    package init(counter: String, expected: [Int], came: Int, isExact: Bool, agrees: Bool) {
      self.counter = counter
      self.expected = expected
      self.came = came
      self.isExact = isExact
      self.agrees = agrees
    }
  }

  package var title: String
  package var about: String
  package var phase = Phase.waiting
  /// What it does, each with its time from the first one on.
  package var steps: [String] = []
  package var clients = Clients()
  package var sources: [String] = []
  package var rows: [Row] = []

  package init(title: String, about: String) {
    self.title = title
    self.about = about
  }
}

/// What the embedded cluster says to a command.
package struct LabAnswer: Equatable, Sendable {
  package let words: String
  package let isRefused: Bool

  package init(words: String, isRefused: Bool) {
    self.words = words
    self.isRefused = isRefused
  }
}
