import Testing

@testable import Certificates

@Suite struct CertificateNameTests {
  @Test(arguments: [
    (CertificateName.host("vtctld.prod"), "vtctld.prod", true),
    (.host("vtctld.prod"), "VTCTLD.prod.", true), (.host("*.prod"), "vtctld.prod", false),
    (.host("*.db.prod"), "a.db.prod", true), (.host("*.db.prod"), "a.b.db.prod", false),
    (.host("10.0.0.7"), "10.0.0.7", false), (.host("*.0.0.7"), "10.0.0.7", false),
    (.host(""), "", false),
    (ipAddress([10, 0, 0, 7]), "10.0.0.7", true), (ipAddress([10, 0, 0, 7]), "10.0.0.70", false),
    (ipAddress([10, 0, 0, 7]), "vtctld.prod", false),
    (ipAddress([0xFD] + [UInt8](repeating: 0, count: 14) + [7]), "fd00::7", true),
    (ipAddress([0xFD] + [UInt8](repeating: 0, count: 14) + [7]), "[FD00:0::7]", true),
    (ipAddress([0xFD] + [UInt8](repeating: 0, count: 14) + [7]), "fd00::8", false),
  ])
  func aCertificatesNameStandsForWhatWasGiven(
    _ name: CertificateName, _ given: String, _ isMatch: Bool
  ) {
    #expect(name.matches(given) == isMatch)
  }
}

private func ipAddress(_ bytes: [UInt8]) -> CertificateName {
  IPAddress(bytes: bytes).map { .address($0) } ?? .host("")
}
