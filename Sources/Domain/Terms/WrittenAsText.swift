/// A type encoded as the text that people write for it, both as a value and as a key.
package protocol WrittenAsText: CustomStringConvertible, Codable, CodingKeyRepresentable {
  /// Reads what ``description`` writes, and any name that a server may have reported.
  init?(written text: String)
}

extension WrittenAsText {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(written: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is no \(Self.self)")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  package var codingKey: any CodingKey { TextKey(stringValue: description) }

  package init?(codingKey: some CodingKey) { self.init(written: codingKey.stringValue) }
}

private struct TextKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension ShardName: WrittenAsText {
  /// Vitess allows no slash in a keyspace; a metric's label may be empty.
  package init?(written text: String) {
    guard let slash = text.firstIndex(of: "/") else { return nil }
    self.init(keyspace: String(text[..<slash]), shard: String(text[text.index(after: slash)...]))
  }
}

extension TabletAlias: WrittenAsText {
  package init?(written text: String) { self.init(text) }
}

extension Address: WrittenAsText {
  package init?(written text: String) { self.init(text) }
}
