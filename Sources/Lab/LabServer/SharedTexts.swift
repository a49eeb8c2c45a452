/// The newest text of each name, for vtgates to share: where nothing happens they say the same.
struct SharedTexts: Sendable {
  private var newest: [String: [UInt8]] = [:]

  /// The text, in the memory of the one that it repeats.
  mutating func shared(_ text: [UInt8], as name: String) -> [UInt8] {
    if let known = newest[name], known == text { return known }
    newest[name] = text
    return text
  }
}
