/// Why no connection over TLS came about.
///
/// BoringSSL gives its reasons as text only, and every library above it passes them on as such.
package enum HandshakeFault: Sendable {
  /// The server's certificate does not pass, and the text does not say why: ``ServerCertificateCheck`` does
  /// where it has expired.
  case untrusted
  /// The server wants a certificate of the client, or another than it was shown.
  case wantsCertificate
  case speaksPlaintext

  /// Nil if the text is none of these.
  package init?(_ words: String) {
    func says(_ texts: String...) -> Bool { texts.contains { words.contains($0) } }
    if says("CERTIFICATE_VERIFY_FAILED", "unableToValidateCertificate") {
      self = .untrusted
    } else if says(
      "CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "ALERT_CERTIFICATE_EXPIRED",
      "ALERT_CERTIFICATE_REVOKED", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_UNSUPPORTED_CERTIFICATE",
      "ALERT_UNKNOWN_CA", "ALERT_ACCESS_DENIED")
    {
      self = .wantsCertificate
    } else if says("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL") {
      self = .speaksPlaintext
    } else {
      return nil
    }
  }

  /// What a library's text says, in plain words: `no start line`, without numbers and places in its
  /// source.
  package static func reason(_ words: String) -> String {
    let reasons = words.matches(of: /OPENSSL_internal:(\w+)/)
      .map { $0.output.1.lowercased().replacing("_", with: " ") }
    guard reasons.isEmpty else { return reasons.joined(separator: ", ") }
    return String(words.replacing(/\s+at \/\S+/, with: "").prefix(200))
  }
}
