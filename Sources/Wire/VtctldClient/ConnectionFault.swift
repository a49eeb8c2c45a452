internal import Certificates
internal import FleetModel
internal import GRPCCore
internal import Terms

extension CallFailure.ConnectionFault {
  /// The transport passes errors of NIO and BoringSSL on as causes, of types that are not ours to
  /// import: they are told apart by the names of their types.
  ///
  /// `certificate`: the client's file, if it has one.
  init?(_ error: RPCError, overTLS isSecure: Bool, as certificate: String?) {
    var words = error.message
    var cause = error.cause
    for _ in 0..<8 {
      guard let next = cause else { break }
      words += "; \(String(reflecting: next))"
      cause = (next as? RPCError)?.cause
    }
    func says(_ texts: String...) -> Bool { texts.contains { words.contains($0) } }
    if let fault = HandshakeFault(words) {
      self =
        switch fault {
        case .untrusted: .untrusted
        case .wantsCertificate:
          certificate.map { path in
            .ownRefused(
              expired: CertificateFile.expiry(path).map {
                Instant(secondsSinceEpoch: Double($0))
              })
          } ?? .wantsCertificate
        case .speaksPlaintext: .speaksPlaintext
        }
    } else if says("errno: 111", "errno: 61", "Connection refused") {
      self = .refused
    } else if says("dnsAError: Optional", "SocketAddressError.unknown", "NIOConnectionError") {
      self = .unresolved
    } else if says("connectTimeout") {
      self = .timedOut
    } else if isSecure, says("HTTP/2 connection preface") {
      self = .noHTTP2
    } else if !isSecure,
      says("HTTP2", "HTTP/2", "Stream unexpectedly closed", "Connection reset", "EOF")
    {
      self = .noPlaintextHTTP2
    } else {
      return nil
    }
  }
}
