internal import FoundationEssentials

/// JSON as a recording holds it: with sorted keys, on one line.
enum RecordingText {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func value<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws
    -> Value
  {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    return try decoder.decode(type, from: Data(text.utf8))
  }

  /// The name of an enum's case in its JSON: the first key.
  static func caseName(_ json: String) -> String {
    json.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false).dropFirst().first
      .map(String.init) ?? ""
  }
}
