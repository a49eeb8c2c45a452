internal import GRPCCore

/// Why no connection to a server came about, or why it ended before it carried any call.
///
/// The transport hands errors of NIO and BoringSSL on as causes, of types that are not ours to
/// import: their names tell them apart.
enum TransportFault: Sendable, Equatable {
  case refused, unresolved, timedOut
  /// Nobody whom this side trusts has signed the server's certificate.
  case untrusted
  /// The server's certificate is for another name.
  case otherName
  case wantsCertificate
  case speaksPlaintext
  /// No HTTP/2 in plaintext: TLS, or another kind of server.
  case noPlaintextHTTP2

  /// `isSecure`: the connection was to be one over TLS.
  init?(_ error: RPCError, isSecure: Bool) {
    var words = error.message
    var cause = error.cause
    for _ in 0..<8 {
      guard let next = cause else { break }
      words += "; \(String(reflecting: next))"
      cause = (next as? RPCError)?.cause
    }
    func says(_ texts: String...) -> Bool { texts.contains { words.contains($0) } }
    if says("CERTIFICATE_VERIFY_FAILED", "unableToValidateCertificate") {
      self = .untrusted
    } else if says("failedToValidateHostname", "noCertificateToValidate", "hostname") {
      self = .otherName
    } else if says("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE") {
      self = .wantsCertificate
    } else if says("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL") {
      self = .speaksPlaintext
    } else if says("errno: 111", "errno: 61", "Connection refused") {
      self = .refused
    } else if says("dnsAError: Optional", "SocketAddressError.unknown", "NIOConnectionError") {
      self = .unresolved
    } else if says("connectTimeout") {
      self = .timedOut
    } else if !isSecure,
      says("HTTP2", "HTTP/2", "Stream unexpectedly closed", "Connection reset", "EOF")
    {
      self = .noPlaintextHTTP2
    } else {
      return nil
    }
  }

  /// What it is and what to look at; `name`: the one that the server's certificate is to carry.
  func words(expecting name: String) -> String {
    switch self {
    case .refused: "connection refused"
    case .unresolved: "host name cannot be resolved"
    case .timedOut: "no connection in time"
    case .untrusted:
      "its certificate is signed by nobody whom this side trusts: --vtctld-grpc-ca names the authority"
    case .otherName:
      "its certificate is not for the name \(name): --vtctld-grpc-server-name gives another"
    case .wantsCertificate:
      "it wants a certificate of the client: --vtctld-grpc-cert and --vtctld-grpc-key"
    case .speaksPlaintext: "it speaks plaintext, and is asked over TLS"
    case .noPlaintextHTTP2:
      "no gRPC in plaintext there: it speaks TLS, and is asked in plaintext, or it is another port"
    }
  }
}
