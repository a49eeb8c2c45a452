/// What the lab's mysqld answers to a throttler's custom query.
///
/// Not an SQL engine: just the forms that the throttler's documentation names, over a few values.
enum CustomQuery {
  /// The first column of the first row, or MySQL's error as vttablet reports it.
  static func result(
    of query: String, threadsRunning: Double, threadsConnected: Double
  ) -> Result<Double, QueryFailure> {
    let words = query.lowercased().split(whereSeparator: { " \t\n;".contains($0) }).map(String.init)
    if words.count >= 5, words[0] == "show", words[1] == "global",
      ["status", "variables"].contains(words[2]), words[3] == "like"
    {
      let name = words[4].trimmingQuotes()
      let values: [String: Double] = [
        "threads_running": threadsRunning, "threads_connected": threadsConnected,
        "max_connections": 151, "innodb_buffer_pool_size": 134_217_728,
      ]
      if let value = values[name] { return .success(value) }
      return .failure(
        QueryFailure(text: "no results for throttler metrics query: \(query)"))
    }
    if words.count >= 2, words[0] == "select" {
      if let number = Double(words[1]), number.isFinite { return .success(number) }
      if let from = words.firstIndex(of: "from"), from + 1 < words.count {
        let table = words[from + 1]
        return .failure(
          QueryFailure(
            text: "Table '\(table.contains(".") ? table : "vt_commerce.\(table)")' doesn't exist "
              + "(errno 1146) (sqlstate 42S02) during query: \(query)"))
      }
    }
    return .failure(
      QueryFailure(
        text:
          "You have an error in your SQL syntax; check the manual that corresponds to your MySQL "
          + "server version for the right syntax to use near '\(query)' at line 1 (errno 1064) "
          + "(sqlstate 42000) during query: \(query)"))
  }
}

struct QueryFailure: Error {
  let text: String
}

extension String {
  fileprivate func trimmingQuotes() -> String {
    String(drop { "'\"`".contains($0) }.reversed().drop { "'\"`".contains($0) }.reversed())
  }
}
