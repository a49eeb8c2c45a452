extension ScrapeFailure.ForeignProtocol {
  /// What answers on a port that speaks another protocol than was expected, judged by its first bytes.
  package init?(opening: [UInt8]) {
    switch opening {
    // A record of an alert or of a handshake.
    case _ where opening.count >= 2 && (0x14...0x17).contains(opening[0]) && opening[1] == 3:
      self = .tls
    // A SETTINGS frame of the connection: RFC 9113, section 6.5.
    case _ where opening.count >= 9 && opening[3] == 4 && opening[5..<9].allSatisfy { $0 == 0 }:
      self = .http2
    // Packet 0: a greeting of protocol 10, or an error.
    case _ where opening.count >= 5 && opening[3] == 0 && [0x0A, 0xFF].contains(opening[4]):
      self = .mysql
    case _ where opening.starts(with: Array("SSH-".utf8)): self = .ssh
    default: return nil
    }
  }
}
