internal import ArgumentParser
internal import Terms

extension Address {
  /// Reads an address as it is typed or configured, and throws what is wrong with it, without the text
  /// itself: it may hold a password.
  static func argument(_ text: String) throws -> Address {
    try argument(text, credentialsBy: "--http-credentials")
  }

  /// The same of a gRPC server.
  static func vtctld(_ text: String) throws -> Address {
    try argument(text, credentialsBy: "--grpc-auth-static-client-creds")
  }

  private static func argument(_ text: String, credentialsBy flag: String) throws -> Address {
    guard let address = Address(text) else { throw ValidationError(complaint(text, flag)) }
    return address
  }

  /// `flag`: what names a file with credentials.
  private static func complaint(_ text: String, _ flag: String) -> String {
    let scheme = text.firstRange(of: "://")
    if let scheme, !["http", "https"].contains(text[..<scheme.lowerBound].lowercased()) {
      return "only http:// and https:// are known"
    }
    let rest = scheme.map { text[$0.upperBound...] } ?? text[...]
    let authority = rest.prefix { $0 != "/" }
    guard !authority.contains("@") else {
      return "a name and a password do not belong into it: \(flag) names a file with them"
    }
    let name = authority.hasPrefix("[") ? authority.drop { $0 != "]" } : authority
    guard !text.contains("?") else {
      return "a query does not belong into it: \(flag) says who asks"
    }
    guard let colon = name.lastIndex(of: ":") else {
      guard scheme != nil else { return "it has no port: HOST:PORT is wanted, or a URL" }
      return complaint(ofPlace: "\(authority):80")
    }
    guard authority.hasPrefix("[") || name.count(where: { $0 == ":" }) == 1 else {
      return "an IPv6 address stands in brackets: [::1]:15001"
    }
    guard let port = Int(name[name.index(after: colon)...]), (1...65_535).contains(port) else {
      return "its port is none of 1 to 65535"
    }
    return complaint(ofPlace: String(authority))
  }

  private static func complaint(ofPlace place: String) -> String {
    Address(place) == nil
      ? "its host is neither a name nor an address" : "its path has what no path may have"
  }
}
