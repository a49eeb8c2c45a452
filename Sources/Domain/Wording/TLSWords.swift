internal import Terms

/// What goes wrong over TLS, in the same words whoever is asked, with the flags that mend it.
struct TLSWords {
  static let http = TLSWords(
    authority: "--http-ca", certificate: "--http-cert", key: "--http-key",
    serverName: "--http-server-name")
  static let vtctld = TLSWords(
    authority: "--vtctld-grpc-ca", certificate: "--vtctld-grpc-cert", key: "--vtctld-grpc-key",
    serverName: "--vtctld-grpc-server-name")

  let authority: String
  let certificate: String
  let key: String
  let serverName: String

  func expired(_ end: Instant) -> String { "its certificate expired on \(UTCTime(end).date)" }

  var untrusted: String {
    "nobody whom this side trusts has signed its certificate: \(authority) names its authority"
  }

  /// Nil for what was recorded without names.
  func otherName(than name: String?, found: [String]?) -> String {
    guard let name, let found else {
      return "its certificate is for another name: \(serverName) gives that"
    }
    return "its certificate is for "
      + (found.isEmpty ? "no name" : found.joined(separator: ", "))
      + ", not for \(name): \(serverName) gives another"
  }

  var wantsCertificate: String {
    "it wants a certificate of the client that it trusts: \(certificate) and \(key)"
  }

  func ownRefused(_ expired: Instant?) -> String {
    guard let expired else {
      return "it does not trust the client's certificate: \(certificate) and \(key)"
    }
    return "the client's certificate (\(certificate)) expired on \(UTCTime(expired).date)"
  }
}
