import Certificates
import Testing

/// What BoringSSL's texts mean, and how they are put where they mean nothing known.
@Suite struct HandshakeFaultTests {
  private static func text(_ reason: String) -> String {
    "handshakeFailed(sslError([Error: 268436501 error:10000415:SSL routines:OPENSSL_internal:"
      + "\(reason) at /somewhere/swift-nio-ssl/Sources/CNIOBoringSSL/ssl/tls_record.cc:491]))"
  }

  /// TLS 1.2 and 1.3 refuse a client by alerts of these names.
  @Test(arguments: [
    "SSLV3_ALERT_CERTIFICATE_EXPIRED", "TLSV1_ALERT_UNKNOWN_CA", "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_REVOKED", "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "TLSV1_ALERT_ACCESS_DENIED",
    "TLSV1_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_HANDSHAKE_FAILURE",
  ]) func aRefusedClientWantsACertificate(_ reason: String) {
    guard case .wantsCertificate? = HandshakeFault(Self.text(reason)) else {
      Issue.record("\(reason) is something else")
      return
    }
  }

  @Test func whatIsUnknownIsPutWithoutNumbersAndPaths() {
    #expect(HandshakeFault(Self.text("TLSV1_ALERT_INTERNAL_ERROR")) == nil)
    #expect(
      HandshakeFault.reason(Self.text("TLSV1_ALERT_INTERNAL_ERROR")) == "tlsv1 alert internal error"
    )
    #expect(HandshakeFault.reason("uncleanShutdown at /a/b.swift:7") == "uncleanShutdown")
  }
}
