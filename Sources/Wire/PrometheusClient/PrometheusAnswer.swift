/// Reads an answer of the query API in one pass over its bytes.
///
///     {"status":"success","data":{"resultType":"matrix","result":[
///       {"metric":{"__name__":"…","instance":"…"},"values":[[1795772152.314,"4"],…]},…]}}
///     {"status":"error","errorType":"bad_data","error":"…"}
///
/// That of a large fleet has a hundred thousand series and some ten megabytes, so nothing is kept of
/// a series but where its parts are, until it has been taken.
///
/// Source: Prometheus' HTTP API v1, "Expression query result formats".
struct PrometheusAnswer {
  /// It is no such answer.
  struct Malformed: Error {}

  private let bytes: UnsafeRawBufferPointer
  private var place = 0
  private var series: StoredSeries

  /// Gives each series to `take`, which must not keep it, and returns the server's own words where it
  /// refuses.
  static func read(
    _ bytes: UnsafeRawBufferPointer, _ take: (StoredSeries) -> Void
  ) throws(Malformed) -> String? {
    var answer = PrometheusAnswer(bytes)
    return try answer.read(take)
  }

  private init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    series = StoredSeries(bytes)
  }

  private mutating func read(_ take: (StoredSeries) -> Void) throws(Malformed) -> String? {
    var isFirst = true
    var status: String?
    var words: String?
    while let key = try key(&isFirst) {
      switch series.text(key) {
      case "status": status = try text()
      case "error": words = try text()
      case "data": try data(take)
      default: try skip()
      }
    }
    switch status {
    case "success": return nil
    case "error": return words ?? "no reason"
    default: throw Malformed()
    }
  }

  private mutating func data(_ take: (StoredSeries) -> Void) throws(Malformed) {
    guard peek() == UInt8(ascii: "{") else { return try skip() }
    var isFirst = true
    while let key = try key(&isFirst) {
      guard series.text(key) == "result" else {
        try skip()
        continue
      }
      try expect("[")
      guard !consume("]") else { continue }
      // A scalar is a sample that belongs to no series.
      guard peek() == UInt8(ascii: "{") else {
        series.clear()
        try sampleInBrackets()
        take(series)
        continue
      }
      repeat {
        try readSeries()
        take(series)
      } while consume(",")
      try expect("]")
    }
  }

  private mutating func readSeries() throws(Malformed) {
    series.clear()
    var isFirst = true
    while let key = try key(&isFirst) {
      switch series.text(key) {
      case "metric": try labels()
      case "value":
        try expect("[")
        try sampleInBrackets()
      case "values":
        try expect("[")
        guard !consume("]") else { continue }
        repeat {
          try expect("[")
          try sampleInBrackets()
        } while consume(",")
        try expect("]")
      default: try skip()
      }
    }
  }

  private mutating func labels() throws(Malformed) {
    var isFirst = true
    while let name = try key(&isFirst) {
      let value = try string()
      series.labels.append((name, value))
    }
  }

  /// `1795772152.314,"4"]`.
  private mutating func sampleInBrackets() throws(Malformed) {
    let at = try milliseconds()
    try expect(",")
    let value = try string()
    series.samples.append((at, value))
    try expect("]")
  }

  /// Seconds since 1970, to the millisecond.
  private mutating func milliseconds() throws(Malformed) -> Int64 {
    skipSpace()
    let start = place
    while place < bytes.count, !Self.endsNumber(bytes[place]) { place += 1 }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    guard let seconds = Double(text), abs(seconds) < 1e12 else { throw Malformed() }
    return Int64((seconds * 1000).rounded())
  }

  // MARK: JSON

  private static func endsNumber(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")
      || byte == UInt8(ascii: "}")
  }

  private mutating func skipSpace() {
    while place < bytes.count, bytes[place] <= 0x20 { place += 1 }
  }

  private mutating func peek() -> UInt8? {
    skipSpace()
    return place < bytes.count ? bytes[place] : nil
  }

  private mutating func consume(_ mark: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: mark) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ mark: Unicode.Scalar) throws(Malformed) {
    guard consume(mark) else { throw Malformed() }
  }

  /// The next key of an object, before whose first one `isFirst` is true; nil at its end.
  private mutating func key(_ isFirst: inout Bool) throws(Malformed) -> Range<Int>? {
    if isFirst { try expect("{") }
    guard !consume("}") else { return nil }
    if !isFirst { try expect(",") }
    isFirst = false
    let key = try string()
    try expect(":")
    return key
  }

  /// What stands between the quotes, escapes as they are.
  private mutating func string() throws(Malformed) -> Range<Int> {
    try expect("\"")
    let start = place
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        place += 1
        return start..<(place - 1)
      case UInt8(ascii: "\\"): place += 2
      default: place += 1
      }
    }
    throw Malformed()
  }

  private mutating func text() throws(Malformed) -> String {
    let place = try string()
    return series.text(place)
  }

  /// Passes over any value.
  private mutating func skip() throws(Malformed) {
    var depth = 0
    repeat {
      switch peek() {
      case nil: throw Malformed()
      case UInt8(ascii: "\"")?: _ = try string()
      case UInt8(ascii: "{")?, UInt8(ascii: "[")?:
        depth += 1
        place += 1
      case UInt8(ascii: "}")?, UInt8(ascii: "]")?:
        guard depth > 0 else { throw Malformed() }
        depth -= 1
        place += 1
      case UInt8(ascii: ",")?, UInt8(ascii: ":")?:
        guard depth > 0 else { throw Malformed() }
        place += 1
      default:
        let start = place
        while place < bytes.count, !Self.endsNumber(bytes[place]) { place += 1 }
        guard place > start else { throw Malformed() }
      }
    } while depth > 0
  }
}
