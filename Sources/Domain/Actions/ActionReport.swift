package import FleetModel
package import Terms

/// What is known about an action, while it runs and afterwards.
package struct ActionReport: Sendable, Equatable {
  /// One server's or tablet's part.
  package struct Part: Sendable, Equatable {
    /// The raw value is the word used on the screen, in lines and in JSON.
    package enum State: String, Sendable, Equatable {
      case pending
      case done
      case failed
      /// Nobody knows whether it was carried out.
      case unknown
    }

    package let subject: Subject
    package var state: State
    /// The latest answer or read-back.
    package var finding: Finding

    package init(_ subject: Subject, _ state: State, _ finding: Finding) {
      self.subject = subject
      self.state = state
      self.finding = finding
    }
  }

  package enum Outcome: String, Sendable, Equatable {
    /// Carried out, and seen to be.
    case done
    /// Carried out in part, or not yet seen everywhere.
    case partial
    /// The server refused; no part of it may be taken as done.
    case failed
    /// Nothing was sent.
    case notSent = "not sent"
    /// It was sent, and nobody knows what came of it.
    case unknown
  }

  package let action: Action
  package let startedAt: Instant
  /// When the request was sent; nil until then.
  package var sentAt: Instant?
  package var parts: [Part] = []
  /// What the server logged while carrying it out.
  package var events: [String] = []
  /// Nil while it is running.
  package var outcome: Outcome?
  /// What the outcome is based on, and the state things were left in; nil until something is known.
  package var verdict: Verdict?
  package var endedAt: Instant?

  package init(_ action: Action, at startedAt: Instant) {
    self.action = action
    self.startedAt = startedAt
  }

  package mutating func note(_ subject: Subject, _ state: Part.State, _ finding: Finding) {
    if let index = parts.firstIndex(where: { $0.subject == subject }) {
      parts[index].state = state
      parts[index].finding = finding
    } else {
      parts.append(Part(subject, state, finding))
    }
  }

  package mutating func end(_ outcome: Outcome, _ verdict: Verdict, at instant: Instant) {
    self.outcome = outcome
    self.verdict = verdict
    endedAt = instant
  }
}

extension CallFailure {
  /// What becomes of an action whose request fails this way: a lost one may have been carried out.
  package var outcome: ActionReport.Outcome {
    switch kind {
    case .unreachable: .notSent
    case .refused, .unimplemented: .failed
    case .lost: .unknown
    }
  }

  /// The same for one server's part.
  package var state: ActionReport.Part.State { kind == .lost ? .unknown : .failed }
}
