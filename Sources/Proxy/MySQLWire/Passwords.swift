internal import Crypto

/// What a server knows of a password.
package enum PasswordVerifier: Sendable {
  case password(String)
  /// SHA1(SHA1(password)), which MySQL stores as `*` and 40 digits.
  case nativeHash([UInt8])

  /// Reads what `mysql_native_password` stores; nil when it is not that.
  package init?(stored text: String) {
    let digits = Array(text.utf8.dropFirst())
    guard text.hasPrefix("*"), digits.count == 40 else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: 40, by: 2) {
      guard
        let byte = UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(byte)
    }
    self = .nativeHash(bytes)
  }

  package enum Outcome: Sendable, Equatable {
    case accepted, refused
    /// The hash at hand cannot tell: the password itself is needed.
    case needsPassword
  }

  /// Looks at a client's proof of its password.
  package func check(
    _ proof: [UInt8], _ plugin: AuthenticationPlugin, nonce: [UInt8]
  ) -> Outcome {
    // Who has no password proves nothing.
    if case .password("") = self { return proof.isEmpty ? .accepted : .refused }
    guard !proof.isEmpty else { return .refused }
    switch (plugin, self) {
    case (.native, _): return checkNative(proof, nonce) ? .accepted : .refused
    case (.cachingSHA2, .password(let password)):
      return areEqual(proof, Scramble.cachingSHA2(password, nonce)) ? .accepted : .refused
    case (.cachingSHA2, .nativeHash): return .needsPassword
    }
  }

  /// Looks at the password itself, which came through TLS.
  package func check(password: [UInt8]) -> Bool {
    switch self {
    case .password(let own): areEqual(password, Array(own.utf8))
    case .nativeHash(let hash): areEqual(Scramble.sha1(Scramble.sha1(password)), hash)
    }
  }

  private func checkNative(_ proof: [UInt8], _ nonce: [UInt8]) -> Bool {
    let stored =
      switch self {
      case .password(let password): Scramble.sha1(Scramble.sha1(Array(password.utf8)))
      case .nativeHash(let hash): hash
      }
    guard proof.count == 20 else { return false }
    let once = Scramble.xor(proof, Scramble.sha1(nonce + stored))
    return areEqual(Scramble.sha1(once), stored)
  }

  /// Compares in a time that does not tell where they differ.
  private func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// How a client proves a password to a server that has sent a nonce.
package enum Scramble {
  package static func proof(
    of password: String, _ plugin: AuthenticationPlugin, nonce: [UInt8]
  ) -> [UInt8] {
    guard !password.isEmpty else { return [] }
    return switch plugin {
    case .native: native(password, nonce)
    case .cachingSHA2: cachingSHA2(password, nonce)
    }
  }

  /// SHA1(password) XOR SHA1(nonce, SHA1(SHA1(password))).
  private static func native(_ password: String, _ nonce: [UInt8]) -> [UInt8] {
    let once = sha1(Array(password.utf8))
    return xor(once, sha1(nonce + sha1(once)))
  }

  /// SHA256(password) XOR SHA256(SHA256(SHA256(password)), nonce).
  static func cachingSHA2(_ password: String, _ nonce: [UInt8]) -> [UInt8] {
    let once = sha256(Array(password.utf8))
    return xor(once, sha256(sha256(once) + nonce))
  }

  static func sha1(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.SHA1.hash(data: bytes)) }
  private static func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
  static func xor(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { zip(left, right).map { $0 ^ $1 } }
}
