internal import FleetModel
internal import Terms
internal import VitessClient

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
  private var series: StoredSeries
  private var status: String?
  private var words: String?
  private var isPartial = false

  /// Gives each series to `take`, which must not keep it, and returns why nothing may be made of them
  /// where the server refuses, or answers only in part.
  static func read(
    _ bytes: UnsafeRawBufferPointer, _ take: (StoredSeries) -> Void
  ) throws(JSONScanner.Unexpected) -> RelayFault? {
    var answer = PrometheusAnswer(series: StoredSeries(bytes))
    var scanner = JSONScanner(bytes)
    try answer.read(&scanner, take)
    switch answer.status {
    case "success": return answer.isPartial ? .answersInPart : nil
    case "error": return .refused(words: answer.words ?? "no reason")
    default: throw JSONScanner.Unexpected()
    }
  }

  private init(series: StoredSeries) { self.series = series }

  private mutating func read(
    _ scanner: inout JSONScanner, _ take: (StoredSeries) -> Void
  ) throws(JSONScanner.Unexpected) {
    try scanner.object { (scanner, name) throws(JSONScanner.Unexpected) in
      switch name {
      case "status": status = series.text(try scanner.textPlace())
      case "error": words = series.text(try scanner.textPlace())
      // VictoriaMetrics', in a cluster.
      case "isPartial": isPartial = try scanner.truth()
      case "data" where scanner.isAtObject: try readData(&scanner, take)
      default: try scanner.skip()
      }
    }
    try scanner.end()
  }

  private mutating func readData(
    _ scanner: inout JSONScanner, _ take: (StoredSeries) -> Void
  ) throws(JSONScanner.Unexpected) {
    try scanner.object { (scanner, name) throws(JSONScanner.Unexpected) in
      guard case "result" = name else { return try scanner.skip() }
      // A scalar is a sample that belongs to no series.
      var scalar = Pair()
      try scanner.array { (scanner) throws(JSONScanner.Unexpected) in
        guard scanner.isAtObject else { return try scalar.take(&scanner) }
        try readSeries(&scanner)
        take(series)
      }
      guard !scalar.isEmpty else { return }
      series.clear()
      series.samples.append(try scalar.sample)
      take(series)
    }
  }

  private mutating func readSeries(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
    series.clear()
    try scanner.object { (scanner, name) throws(JSONScanner.Unexpected) in
      switch name {
      case "metric":
        try scanner.object { (scanner, name) throws(JSONScanner.Unexpected) in
          series.labels.append((name.place, try scanner.textPlace()))
        }
      case "value": series.samples.append(try Pair(&scanner).sample)
      case "values":
        try scanner.array { (scanner) throws(JSONScanner.Unexpected) in
          series.samples.append(try Pair(&scanner).sample)
        }
      default: try scanner.skip()
      }
    }
  }

  /// `[1795772152.314,"4"]`: seconds since 1970, and a value.
  private struct Pair {
    private var milliseconds: Int64?
    private var value: Range<Int>?

    init() {}

    init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
      try scanner.array { (scanner) throws(JSONScanner.Unexpected) in try take(&scanner) }
    }

    var isEmpty: Bool { milliseconds == nil }

    mutating func take(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
      guard milliseconds != nil else {
        let seconds = try scanner.number()
        guard abs(seconds) < Instant.mostSeconds else { throw JSONScanner.Unexpected() }
        milliseconds = Int64((seconds * 1000).rounded())
        return
      }
      guard value == nil else { throw JSONScanner.Unexpected() }
      value = try scanner.textPlace()
    }

    var sample: (at: Int64, value: Range<Int>) {
      get throws(JSONScanner.Unexpected) {
        guard let milliseconds, let value else { throw JSONScanner.Unexpected() }
        return (milliseconds, value)
      }
    }
  }
}
