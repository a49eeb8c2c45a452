/// What is sent to servers to say who asks, and what none of their words may bring back into view: a
/// front that explains a refusal may quote the request.
package struct Secrets: Sendable, CustomStringConvertible, CustomReflectable {
  package static let none = Secrets([])

  /// What is shown in a secret's place.
  package static let hidden = "(hidden)"

  /// Shorter ones, in bytes, are not looked for: a text holds such by chance.
  private static let leastLength = 4

  /// The longest first, because one may be part of another.
  private let texts: [String]

  package init(_ texts: some Sequence<String>) {
    self.texts = Set(texts).filter { $0.utf8.count >= Self.leastLength }
      .sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
  }

  /// A text from a server without them.
  ///
  /// It must be whole: of a secret that was cut off in the middle, the beginning would stay.
  package func hidden(in words: String) -> String {
    texts.reduce(words) { words, text in
      words.split(separator: text, omittingEmptySubsequences: false).joined(separator: Self.hidden)
    }
  }

  package var description: String { "secrets" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
