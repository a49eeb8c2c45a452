internal import FleetModel
internal import FoundationEssentials

/// JSON as a recording stores it: sorted keys, on one line.
enum RecordingText {
  static func text(_ value: some Encodable) throws -> String {
    String(decoding: try bytes(value), as: UTF8.self)
  }

  /// `lists`: lists of tablets that are stored elsewhere; their index takes their place.
  static func bytes(_ value: some Encodable, apart lists: [GatewayTablets]? = nil) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    if let lists, let key = GatewayTablets.apart { encoder.userInfo[key] = lists }
    return try encoder.encode(value)
  }

  static func value<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws
    -> Value
  {
    try value(Data(text.utf8))
  }

  /// `lists`: the same lists, in the same order, as when it was written.
  static func value<Value: Decodable>(
    _ bytes: Data, as type: Value.Type = Value.self, apart lists: [GatewayTablets]? = nil
  ) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    if let lists, let key = GatewayTablets.apart { decoder.userInfo[key] = lists }
    return try decoder.decode(type, from: bytes)
  }

  /// The name of an enum case in its JSON, which is the first key.
  static func caseName(_ json: String) -> String {
    json.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false).dropFirst().first
      .map(String.init) ?? ""
  }
}
