package import Terms

/// What is known of an action while it runs and afterwards.
package struct ActionReport: Sendable, Equatable {
  /// One server's or tablet's part.
  package struct Part: Sendable, Equatable {
    /// Its raw value is the word for the screen, lines and JSON.
    package enum State: String, Sendable, Equatable {
      case pending
      case done
      case failed
      /// Whether it was carried out is not known.
      case unknown
    }

    package let subject: String
    package var state: State
    /// The server's words, or what was read back.
    package var words: String

    package init(_ subject: String, _ state: State, _ words: String = "") {
      self.subject = subject
      self.state = state
      self.words = words
    }
  }

  package enum Outcome: String, Sendable, Equatable {
    /// Carried out, and seen to be.
    case done
    /// Carried out in part, or not yet seen everywhere.
    case partial
    /// The server said no; nothing of it may be taken as done.
    case failed
    /// Nothing was sent.
    case notSent = "not sent"
    /// It was sent, and nobody says what came of it.
    case unknown
  }

  package let action: Action
  package let startedAt: Instant
  /// When the request left; nil as long as nothing was sent.
  package var sentAt: Instant?
  package var parts: [Part] = []
  /// What the server logged while it did it.
  package var events: [String] = []
  /// Nil while it runs.
  package var outcome: Outcome?
  /// The outcome in words: the server's in full, and what state things were left in.
  package var verdict = ""
  package var endedAt: Instant?

  package init(_ action: Action, at startedAt: Instant) {
    self.action = action
    self.startedAt = startedAt
  }

  package mutating func note(_ subject: String, _ state: Part.State, _ words: String = "") {
    if let index = parts.firstIndex(where: { $0.subject == subject }) {
      parts[index].state = state
      if !words.isEmpty { parts[index].words = words }
    } else {
      parts.append(Part(subject, state, words))
    }
  }

  package mutating func end(_ outcome: Outcome, _ verdict: String, at instant: Instant) {
    self.outcome = outcome
    self.verdict = verdict
    endedAt = instant
  }
}
