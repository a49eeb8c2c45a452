import Foundation

/// Answers queries as a Prometheus server does that has stored what a fixture holds.
///
/// `folder`: under `Fixtures/prometheus`.
package func storedSeriesServer(
  _ folder: String, limit: Int = .max
) async throws -> StubServer {
  func answer(_ name: String) throws -> String {
    String(decoding: try Fixtures.data("prometheus/\(folder)/\(name).json.gz"), as: UTF8.self)
  }
  let (vtgates, refusal) = (try answer("vtgates"), try answer("refusal"))
  let series = try ["15001", "15002"].map { ($0, try answer($0)) }
  return try await StubServer { path in
    guard let items = URLComponents(string: path)?.queryItems,
      let query = items.first(where: { $0.name == "query" })?.value,
      let time = items.first(where: { $0.name == "time" })?.value.flatMap({ Double($0) }),
      let range = query.firstMatch(of: /\[(\d+)ms\]/).flatMap({ Double($0.1) }),
      !query.contains("nonsense")
    else { return .body(refusal, status: 400) }
    if query.hasPrefix("count_over_time") { return .body(vtgates) }
    guard let body = series.first(where: { query.contains("127.0.0.1:\($0.0)") })?.1 else {
      return .body(#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
    }
    let cut = samples(of: body, from: time - range / 1000, to: time)
    return cut.utf8.count > limit
      // More than is read of any answer.
      ? .body(String(repeating: " ", count: 17 << 20)) : .body(cut)
  }
}

/// The samples of an answer that lie in a range, whose both ends belong to it.
private func samples(of body: String, from start: Double, to end: Double) -> String {
  guard
    var answer = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any],
    var data = answer["data"] as? [String: Any], let result = data["result"] as? [[String: Any]]
  else { return body }
  data["result"] = result.compactMap { series -> [String: Any]? in
    var series = series
    let values = (series["values"] as? [[Any]] ?? []).filter { pair in
      (pair.first as? Double).map { $0 >= start - 0.0005 && $0 <= end + 0.0005 } ?? false
    }
    series["values"] = values
    return values.isEmpty ? nil : series
  }
  answer["data"] = data
  let text = (try? JSONSerialization.data(withJSONObject: answer)) ?? Data()
  return String(decoding: text, as: UTF8.self)
}
