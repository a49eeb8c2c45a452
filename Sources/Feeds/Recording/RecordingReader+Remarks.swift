internal import FoundationEssentials
internal import GRDB
package import Terms

/// An action as the recording last tells of it.
package struct RecordedAction: Sendable, Equatable {
  /// When it was first told of.
  package let at: Instant
  /// The action in words, in full.
  package let action: String
  /// Nil while it is running, and if its end was not recorded.
  package let outcome: String?
  package let verdict: String?
  /// Who acted; nil if that was not recorded.
  package let who: String?
}

/// A note by the operator.
package struct RecordedNote: Sendable, Equatable {
  package let at: Instant
  package let words: String
}

extension RecordingReader {
  private struct Body: Decodable {
    let action: String
    let outcome: String?
    let verdict: String?
    let who: String?
  }

  /// The actions taken, oldest first; rows that cannot be read are left out.
  package func actions() -> [RecordedAction] {
    var actions: [Int64: RecordedAction] = [:]
    for row in checkedRows("action", ["at", "number", "body"], "ORDER BY at, rowid") {
      guard let at = row.number("at"), let number = row.number("number"),
        let text = row.text("body"),
        let body = try? JSONDecoder().decode(Body.self, from: Data(text.utf8))
      else { continue }
      actions[number] = RecordedAction(
        at: actions[number]?.at ?? Instant(nanoseconds: at), action: body.action,
        outcome: body.outcome, verdict: body.verdict, who: body.who)
    }
    return actions.values.sorted { $0.at < $1.at }
  }

  /// The notes, oldest first.
  package func notes() -> [RecordedNote] {
    checkedRows("note", ["at", "words"], "ORDER BY at, rowid").compactMap { row in
      guard let at = row.number("at"), let words = row.text("words") else { return nil }
      return RecordedNote(at: Instant(nanoseconds: at), words: words)
    }
  }
}
