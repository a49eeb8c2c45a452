import MySQLWire
import Testing

/// Proofs of passwords, and logins from both sides.
@Suite struct PasswordTests {
  private static let nonce = (1...20).map(UInt8.init)

  @Test(arguments: AuthenticationPlugin.allCases)
  func aProofIsAcceptedWithTheRightPasswordOnly(_ plugin: AuthenticationPlugin) {
    let verifier = PasswordVerifier.password("sesame")
    let proof = Scramble.proof(of: "sesame", plugin, nonce: Self.nonce)
    #expect(verifier.check(proof, plugin, nonce: Self.nonce) == .accepted)
    #expect(verifier.check(proof, plugin, nonce: Self.nonce.reversed()) == .refused)
    let other = Scramble.proof(of: "Sesame", plugin, nonce: Self.nonce)
    #expect(verifier.check(other, plugin, nonce: Self.nonce) == .refused)
    #expect(verifier.check([], plugin, nonce: Self.nonce) == .refused)
    #expect(verifier.check(Array(proof.dropLast()), plugin, nonce: Self.nonce) == .refused)
  }

  /// `SELECT PASSWORD('mypass')` on MariaDB 10.11.
  @Test func whatTheServerStoresVerifies() throws {
    let verifier = try #require(
      PasswordVerifier(stored: "*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4"))
    let proof = Scramble.proof(of: "mypass", .native, nonce: Self.nonce)
    #expect(verifier.check(proof, .native, nonce: Self.nonce) == .accepted)
    #expect(verifier.check(proof, .cachingSHA2, nonce: Self.nonce) == .needsPassword)
    #expect(verifier.check(password: Array("mypass".utf8)))
    #expect(!verifier.check(password: Array("mypas".utf8)))
    #expect(PasswordVerifier(stored: "6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4") == nil)
  }
}
