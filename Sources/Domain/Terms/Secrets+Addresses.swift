extension String {
  /// With what may give away a secret in an address hidden: what stands before its host, and its query.
  ///
  ///     https://(hidden)@host/path?(hidden)
  package var withoutPasswords: String {
    hidingSecrets { $0.isWhitespace || "'\",".contains($0) }
  }

  /// The same of a text that is one address, whatever characters it has; a query is one without `=`, too.
  package var addressWithoutPasswords: String { self[...].hidingSecrets(isAddress: true) }

  /// The same of words that end at other characters.
  package func hidingSecrets(inWordsBetween isEnd: (Character) -> Bool) -> String {
    var rest = self[...]
    var result = ""
    while let start = rest.firstIndex(where: { !isEnd($0) }) {
      let word = rest[start...].prefix { !isEnd($0) }
      result += rest[..<start] + word.hidingSecrets()
      rest = rest[word.endIndex...]
    }
    return result + rest
  }
}

extension Substring {
  /// Of one word: a password may hold anything, so all up to its last `@` counts as one.
  fileprivate func hidingSecrets(isAddress: Bool = false) -> String {
    // Without a scheme an address may stand behind a cluster's name: `NAME=HOST:PORT`.
    let scheme = firstRange(of: "://")
    let start = scheme?.upperBound ?? prefix { $0 != ":" }.firstIndex(of: "=").map(index(after:))
    var (head, rest) = ("", self)
    if let at = lastIndex(of: "@"), let colon = firstIndex(of: ":"), colon < at,
      (start ?? startIndex) <= at
    {
      (head, rest) = (self[..<(start ?? startIndex)] + Secrets.hidden, self[at...])
    }
    guard let query = rest.firstIndex(where: { "?#".contains($0) }),
      isAddress || scheme != nil || rest[query...].contains("=")
    else { return head + rest }
    return head + rest[...query] + Secrets.hidden
  }
}
