/// Why no connection over TLS came about.
///
/// BoringSSL's reasons come as text only, whatever library passes them on.
package enum HandshakeFault: Sendable {
  /// The server's certificate has expired, or is signed by nobody this side trusts.
  case untrusted
  case otherName, wantsCertificate, speaksPlaintext

  /// Nil when the words tell none of these.
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
