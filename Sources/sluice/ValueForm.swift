/// What a value must look like where the parser says only that it is invalid, by what the help calls it.
enum ValueForm {
  private static let forms = [
    "duration": "it is a number with its unit, such as 5s, 250ms or 1h30m",
    "number": "it is a number in digits",
    "count": "it is a number in digits",
    "MiB": "it is a number in digits",
    "name: value": "it is NAME: VALUE, printable on one line",
    "pattern -> address":
      "it is PATTERN -> ADDRESS, where the pattern is a regular expression and the address is HOST:PORT or a URL",
    "proxy":
      "it is http://HOST:PORT or none; a proxy's name and password belong in http_proxy of the environment",
    "host:port, URL or service":
      "it is HOST:PORT, a URL without a name, a password or a query, or a name of services such as "
      + "_web._tcp.vtgate",
    "columns x rows": "it is COLUMNSxROWS, each from 1 to 1000",
    "keyspace/shard": "it is KEYSPACE/SHARD, such as commerce/-80",
    "alias": "it is a tablet's alias, such as zone1-100",
    "time": "it is a time such as 14:03:22, 2026-11-27T14:03:22Z or -10m",
    "label": "it is the name of a label of Prometheus'",
  ]

  /// A message of the parser, with the form behind each value that it refuses without a reason.
  static func explained(_ message: String) -> String {
    message.replacing(/(?m)is invalid for '(?:--?[a-z-]+ )?<([^>\n]*(?:-> )?[^>\n]*)>'$/) { match in
      let form = forms[String(match.output.1)]
      return String(match.output.0) + (form.map { ": \($0)" } ?? "")
    }
  }
}
