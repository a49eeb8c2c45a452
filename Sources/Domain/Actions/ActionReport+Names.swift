extension ActionReport.Finding {
  /// Its name in machine-readable output, which never changes.
  package enum Name: String, Sendable, CaseIterable {
    case waitingItsTurn = "waiting-its-turn"
    case brokenOff = "broken-off"
    case notSent = "not-sent"
    case notAsked = "not-asked"
    case notLogged = "not-logged"
    case noRuleToRelease = "no-rule-to-release"
    case sent
    case waitingForAnswer = "waiting-for-answer"
    case readingBack = "reading-back"
    case failed
    case promoted
    case othersReparented = "others-reparented"
    case answered
    case topo
    case inTopo = "in-topo"
    case notInTopo = "not-in-topo"
    case denied
    case notDenied = "not-denied"
    case released
    case stillListed = "still-listed"
    case notListed = "not-listed"
    case listed
    case cannotBeRead = "cannot-be-read"
    case listsNoRules = "lists-no-rules"
    case cannotBeAsked = "cannot-be-asked"
    case throttler
    case threshold
    case checksNotTold = "checks-not-told"
    case notSeen = "not-seen"
    case lineMissing = "line-missing"
  }

  package var name: Name {
    switch self {
    case .waitingItsTurn: .waitingItsTurn
    case .brokenOff: .brokenOff
    case .notSent: .notSent
    case .notAsked: .notAsked
    case .notLogged: .notLogged
    case .noRuleToRelease: .noRuleToRelease
    case .sent: .sent
    case .waitingForAnswer: .waitingForAnswer
    case .readingBack: .readingBack
    case .failed: .failed
    case .promoted: .promoted
    case .othersReparented: .othersReparented
    case .answered: .answered
    case .topo: .topo
    case .inTopo: .inTopo
    case .notInTopo: .notInTopo
    case .denied(true): .denied
    case .denied(false): .notDenied
    case .released: .released
    case .stillListed: .stillListed
    case .notListed: .notListed
    case .listed: .listed
    case .cannotBeRead: .cannotBeRead
    case .listsNoRules: .listsNoRules
    case .cannotBeAsked: .cannotBeAsked
    case .throttler: .throttler
    case .threshold: .threshold
    case .checksNotTold: .checksNotTold
    case .notSeen: .notSeen
    case .lineMissing: .lineMissing
    }
  }
}

extension ActionReport.Verdict {
  /// Its name in machine-readable output, which never changes.
  package enum Name: String, Sendable, CaseIterable {
    case notSent = "not-sent"
    case notReached = "not-reached"
    case notLogged = "not-logged"
    case noRuleToRelease = "no-rule-to-release"
    case primaryIsAnother = "primary-is-another"
    case seen
    case seenAtSome = "seen-at-some"
    case seenNowhere = "seen-nowhere"
    case notKnown = "not-known"
    case promoted
    case chosenAgain = "chosen-again"
    case refused
    case unanswered
    case answered
  }

  package var name: Name {
    switch self {
    case .notSent: .notSent
    case .notReached: .notReached
    case .notLogged: .notLogged
    case .noRuleToRelease, .noRuleInKeyspace: .noRuleToRelease
    case .primaryIsAnother: .primaryIsAnother
    case .seen: .seen
    case .seenAtSome: .seenAtSome
    case .nowhere: .seenNowhere
    case .notKnown: .notKnown
    case .promoted: .promoted
    case .chosenAgain: .chosenAgain
    case .refused: .refused
    case .unanswered, .proxyUnanswered: .unanswered
    case .answered: .answered
    }
  }
}
