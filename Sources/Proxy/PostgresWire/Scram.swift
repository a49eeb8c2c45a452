internal import Crypto
internal import FoundationEssentials
internal import Synchronization

/// SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677), as Postgres speaks it: the user's
/// name is the one of the startup packet.
///
/// Passwords are used as they are written, in UTF-8. Postgres normalizes them by SASLprep first,
/// which changes nothing in ASCII.
package enum Scram {
  package static let mechanism = "SCRAM-SHA-256"

  /// A name that has not been used before.
  package static func nonce() -> String { Data(randomBytes(18)).base64EncodedString() }

  package static func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  static func hmac(_ text: some DataProtocol, key: some ContiguousBytes) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: text, using: SymmetricKey(data: key)))
  }

  static func xor(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] { zip(one, other).map { $0 ^ $1 } }

  /// Reads `name=value`.
  static func attribute(_ name: Character, _ text: Substring?) throws(ScramFailure) -> String {
    guard let text, text.hasPrefix("\(name)=") else { throw .malformed }
    return String(text.dropFirst(2))
  }

  static func bytes(_ base64: String) throws(ScramFailure) -> [UInt8] {
    guard let data = Data(base64Encoded: base64) else { throw .malformed }
    return Array(data)
  }
}

package enum ScramFailure: Error, Equatable {
  case malformed
  /// The client insists on binding the exchange to its TLS connection.
  case channelBinding
  /// Whoever is on the other side does not know the password.
  case wrongPassword
  /// The server wants more rounds than anybody would wait for.
  case tooManyIterations
}

/// Remembers what follows from passwords: to work it out takes thousands of rounds, and a server's
/// salt for a user stays the same.
package final class ScramKeyring: Sendable {
  private struct Name: Hashable {
    let password: String
    let salt: [UInt8]
    let iterations: Int
  }

  private static let mostKeys = 100
  private let keys = Mutex<[Name: ScramKeys]>([:])

  package init() {}

  func keys(of password: String, _ salt: [UInt8], _ iterations: Int) -> ScramKeys {
    let name = Name(password: password, salt: salt, iterations: iterations)
    if let known = keys.withLock({ $0[name] }) { return known }
    let new = ScramKeys(password: password, salt: salt, iterations: iterations)
    keys.withLock { keys in
      if keys.count >= Self.mostKeys { keys = [:] }
      keys[name] = new
    }
    return new
  }
}

/// What follows from a password; whoever has it can prove to know the password.
struct ScramKeys: Sendable {
  let client: [UInt8]
  let server: [UInt8]

  var stored: [UInt8] { Array(SHA256.hash(data: client)) }

  /// `iterations`: 1 at least.
  init(password: String, salt: [UInt8], iterations: Int) {
    // Hi() of RFC 5802.
    let key = SymmetricKey(data: Array(password.utf8))
    var block = Array(HMAC<SHA256>.authenticationCode(for: salt + [0, 0, 0, 1], using: key))
    var salted = block
    for _ in 1..<iterations {
      block = Array(HMAC<SHA256>.authenticationCode(for: block, using: key))
      for index in salted.indices { salted[index] ^= block[index] }
    }
    client = Scram.hmac(Array("Client Key".utf8), key: salted)
    server = Scram.hmac(Array("Server Key".utf8), key: salted)
  }
}

/// What a server keeps of a password, as Postgres writes it in `pg_authid.rolpassword`:
/// `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`.
///
/// It does not suffice to prove to know the password.
package struct ScramVerifier: Sendable {
  let iterations: Int
  let salt: [UInt8]
  let storedKey: [UInt8]
  let serverKey: [UInt8]
  /// Stands for a user that does not exist.
  let isMock: Bool

  /// Nil where it is not a verifier.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == Scram.mechanism else { return nil }
    let head = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    let keys = parts[2].split(separator: ":", omittingEmptySubsequences: false)
    guard head.count == 2, keys.count == 2, let iterations = Int(head[0]), iterations > 0,
      let salt = try? Scram.bytes(String(head[1])), !salt.isEmpty,
      let storedKey = try? Scram.bytes(String(keys[0])), storedKey.count == SHA256.byteCount,
      let serverKey = try? Scram.bytes(String(keys[1])), serverKey.count == SHA256.byteCount
    else { return nil }
    self.iterations = iterations
    self.salt = salt
    self.storedKey = storedKey
    self.serverKey = serverKey
    isMock = false
  }

  package init(password: String, salt: [UInt8] = Scram.randomBytes(16), iterations: Int = 4096) {
    let keys = ScramKeys(password: password, salt: salt, iterations: iterations)
    self.iterations = iterations
    self.salt = salt
    storedKey = keys.stored
    serverKey = keys.server
    isMock = false
  }

  /// What a user that does not exist is asked with, so that nobody can tell: the same salt each
  /// time, which only `secret` makes predictable.
  package init(mockFor user: String, secret: [UInt8]) {
    iterations = 4096
    salt = Array(Scram.hmac(Array(user.utf8), key: secret).prefix(16))
    storedKey = Scram.randomBytes(SHA256.byteCount)
    serverKey = Scram.randomBytes(SHA256.byteCount)
    isMock = true
  }

  package var text: String {
    func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
    return "\(Scram.mechanism)$\(iterations):\(base64(salt))"
      + "$\(base64(storedKey)):\(base64(serverKey))"
  }
}

/// The server's side of one exchange.
package struct ScramServer: Sendable {
  private let verifier: ScramVerifier
  private let nonce: String
  private var exchange: (header: String, clientFirst: String, serverFirst: String)?

  package init(_ verifier: ScramVerifier, nonce: String = Scram.nonce()) {
    self.verifier = verifier
    self.nonce = nonce
  }

  /// Answers the client's first message with the challenge.
  package mutating func challenge(for first: String) throws(ScramFailure) -> String {
    let parts = first.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1].isEmpty else { throw .malformed }
    guard parts[0] == "n" || parts[0] == "y" else {
      throw parts[0].hasPrefix("p=") ? .channelBinding : .malformed
    }
    let bare = parts[2].split(separator: ",", omittingEmptySubsequences: false)
    guard bare.count >= 2 else { throw .malformed }
    _ = try Scram.attribute("n", bare[0])
    let clientNonce = try Scram.attribute("r", bare[1])
    guard !clientNonce.isEmpty else { throw .malformed }
    let salt = Data(verifier.salt).base64EncodedString()
    let answer = "r=\(clientNonce)\(nonce),s=\(salt),i=\(verifier.iterations)"
    exchange = ("\(parts[0]),,", String(parts[2]), answer)
    return answer
  }

  /// Answers the client's proof with the server's own.
  package func proof(for final: String) throws(ScramFailure) -> String {
    guard let exchange, let comma = final.lastIndex(of: ",") else { throw .malformed }
    let withoutProof = final[..<comma]
    let parts = withoutProof.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count >= 2 else { throw .malformed }
    let header = try Scram.attribute("c", parts[0])
    let nonce = try Scram.attribute("r", parts[1])
    let proof = try Scram.bytes(Scram.attribute("p", final[final.index(after: comma)...]))
    let challenge = exchange.serverFirst.split(separator: ",").first
    guard try Scram.bytes(header) == Array(exchange.header.utf8),
      try nonce == Scram.attribute("r", challenge), proof.count == SHA256.byteCount
    else { throw .malformed }
    let message = Array("\(exchange.clientFirst),\(exchange.serverFirst),\(withoutProof)".utf8)
    let clientKey = Scram.xor(proof, Scram.hmac(message, key: verifier.storedKey))
    guard SHA256.hash(data: clientKey) == verifier.storedKey, !verifier.isMock else {
      throw .wrongPassword
    }
    return "v=\(Data(Scram.hmac(message, key: verifier.serverKey)).base64EncodedString())"
  }
}

/// The client's side of one exchange.
package struct ScramClient: Sendable {
  /// Beyond this a server would keep its client busy for seconds.
  private static let mostIterations = 1_000_000

  private let password: String
  private let firstBare: String
  private let nonce: String
  private let keyring: ScramKeyring
  private var serverSignature: [UInt8]?

  package init(
    password: String, nonce: String = Scram.nonce(), keyring: ScramKeyring = ScramKeyring()
  ) {
    self.password = password
    self.nonce = nonce
    self.keyring = keyring
    firstBare = "n=,r=\(nonce)"
  }

  package var first: String { "n,,\(firstBare)" }

  /// Answers the server's challenge with the proof.
  package mutating func proof(for challenge: String) throws(ScramFailure) -> String {
    let parts = challenge.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count >= 3 else { throw .malformed }
    let nonce = try Scram.attribute("r", parts[0])
    let salt = try Scram.bytes(Scram.attribute("s", parts[1]))
    guard nonce.hasPrefix(self.nonce), nonce.utf8.count > self.nonce.utf8.count, !salt.isEmpty,
      let iterations = Int(try Scram.attribute("i", parts[2])), iterations > 0
    else { throw .malformed }
    guard iterations <= Self.mostIterations else { throw .tooManyIterations }
    let keys = keyring.keys(of: password, salt, iterations)
    let withoutProof = "c=biws,r=\(nonce)"
    let message = Array("\(firstBare),\(challenge),\(withoutProof)".utf8)
    serverSignature = Scram.hmac(message, key: keys.server)
    let proof = Scram.xor(keys.client, Scram.hmac(message, key: keys.stored))
    return "\(withoutProof),p=\(Data(proof).base64EncodedString())"
  }

  /// Whether the server knows the password too.
  package func check(_ final: String) throws(ScramFailure) {
    let parts = final.split(separator: ",", omittingEmptySubsequences: false)
    let signature = try Scram.bytes(Scram.attribute("v", parts.first))
    guard let serverSignature, signature == serverSignature else { throw .wrongPassword }
  }
}
