/// Why no connection over TLS came about.
///
/// BoringSSL gives its reasons as text only, and every library above it passes them on as such.
package enum HandshakeFault: Sendable {
  /// The server's certificate has expired, or is signed by nobody this side trusts.
  case untrusted
  case otherName, wantsCertificate, speaksPlaintext

  /// Nil if the text is none of these.
  package init?(_ words: String) {
    func says(_ texts: String...) -> Bool { texts.contains { words.contains($0) } }
    if says("CERTIFICATE_VERIFY_FAILED", "unableToValidateCertificate") {
      self = .untrusted
    } else if says("failedToValidateHostname", "noCertificateToValidate", "hostname") {
      self = .otherName
    } else if says("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE") {
      self = .wantsCertificate
    } else if says("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL") {
      self = .speaksPlaintext
    } else {
      return nil
    }
  }
}
