/// An answer of the query API: `{"status":"success","data":{"resultType":"matrix","result":[…]}}`, or
/// `{"status":"error","errorType":"…","error":"…"}`.
struct PrometheusAnswer: Decodable {
  let isSuccess: Bool
  let error: String?
  let series: [StoredSeries]

  enum CodingKeys: String, CodingKey { case status, error, data }

  private struct Found: Decodable {
    let result: [StoredSeries]
  }

  init(from decoder: any Decoder) throws {
    let answer = try decoder.container(keyedBy: CodingKeys.self)
    isSuccess = try answer.decode(String.self, forKey: .status) == "success"
    error = try answer.decodeIfPresent(String.self, forKey: .error)
    series = isSuccess ? try answer.decode(Found.self, forKey: .data).result : []
  }
}

/// A series and its samples, in the order of time.
struct StoredSeries: Decodable {
  /// With the name, as `__name__`.
  let labels: [String: String]
  let samples: [StoredSample]

  enum CodingKeys: String, CodingKey { case metric, value, values }

  init(from decoder: any Decoder) throws {
    let series = try decoder.container(keyedBy: CodingKeys.self)
    labels = try series.decode([String: String].self, forKey: .metric)
    samples =
      if let values = try series.decodeIfPresent([StoredSample].self, forKey: .values) {
        values
      } else {
        [try series.decode(StoredSample.self, forKey: .value)]
      }
  }
}

/// `[1795772152.314,"4"]`.
struct StoredSample: Decodable {
  /// Milliseconds since 1970.
  let at: Int64
  /// As an exposition would have it.
  let value: String

  init(from decoder: any Decoder) throws {
    var pair = try decoder.unkeyedContainer()
    let seconds = try pair.decode(Double.self)
    guard let at = Int64(exactly: (seconds * 1000).rounded()), abs(at) < 1 << 50 else {
      throw DecodingError.dataCorruptedError(in: pair, debugDescription: "not a time")
    }
    self.at = at
    value = try pair.decode(String.self)
  }
}
