import NIOCore
import PostgresWire
import TestSupport
import Testing

@Suite struct ScramTests {
  /// The example of RFC 7677.
  @Test func theServerSpeaksAsTheStandardSays() throws {
    var server = ScramServer(
      ScramVerifier(
        password: "pencil",
        salt: [
          0x5B, 0x6D, 0x99, 0x68, 0x9D, 0x12, 0x35, 0x8E, 0xEC, 0xA0, 0x4B, 0x14, 0x12, 0x36, 0xFA,
          0x81,
        ]),
      nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")
    let challenge = try server.challenge(for: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
    #expect(
      challenge
        == "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    let proof = try server.proof(
      for: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    #expect(proof == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
  }

  @Test func aVerifierIsReadAndWrittenAsPostgresDoes() throws {
    let text = try #require(try Conversation.verifier()).text
    #expect(text.hasPrefix("SCRAM-SHA-256$4096:"))
    #expect(ScramVerifier(text)?.text == text)
    for broken in [
      "", "secret", "md5abc", text.replacing("4096", with: "0"),
      text.replacing("$", with: ":"),
    ] {
      #expect(ScramVerifier(broken) == nil, "\(broken)")
    }
  }

  /// What the recorded server kept lets in who knows the password, and nobody else.
  @Test(arguments: [("secret", true), ("Secret", false), ("", false)])
  func theRecordedVerifierKnowsThePassword(password: String, isRight: Bool) throws {
    var server = ScramServer(try #require(try Conversation.verifier()))
    var client = ScramClient(password: password)
    let final = try client.proof(for: try server.challenge(for: client.first))
    if isRight {
      try client.check(try server.proof(for: final))
    } else {
      #expect(throws: ScramFailure.wrongPassword) { try server.proof(for: final) }
    }
  }

  @Test func aServerThatDoesNotKnowThePasswordIsFoundOut() throws {
    var server = ScramServer(ScramVerifier(password: "other"))
    var client = ScramClient(password: "secret")
    _ = try client.proof(for: try server.challenge(for: client.first))
    #expect(throws: ScramFailure.wrongPassword) {
      try client.check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    }
    #expect(throws: ScramFailure.malformed) { try client.check("e=other-error") }
  }

  @Test func aClientDoesNotCountForEver() {
    var client = ScramClient(password: "secret", nonce: "a")
    #expect(throws: ScramFailure.tooManyIterations) {
      try client.proof(for: "r=ab,s=AAAA,i=1000000000")
    }
    for challenge in ["", "r=a,s=AAAA,i=1", "r=xb,s=AAAA,i=1", "r=ab,s=AAAA,i=0", "r=ab,s=,i=1"] {
      #expect(throws: ScramFailure.malformed) { try client.proof(for: challenge) }
    }
  }

  @Test func aClientThatInsistsOnChannelBindingIsToldSo() {
    var server = ScramServer(ScramVerifier(password: "secret"))
    #expect(throws: ScramFailure.channelBinding) {
      try server.challenge(for: "p=tls-server-end-point,,n=,r=abc")
    }
    for first in ["", "n,,", "n,a=root,n=,r=abc", "x,,n=,r=abc", "n,,n=,r="] {
      #expect(throws: ScramFailure.malformed) { try server.challenge(for: first) }
    }
  }
}

@Suite struct BackendLoginTests {
  private func answers(
    of login: inout BackendLogin, to conversation: Conversation
  ) throws -> [UInt8] {
    var frames = Frames<BackendKind>(limit: 10_000)
    var answers: [UInt8] = []
    for frame in Frames<BackendKind>.frames(try frames.pieces(of: conversation.server) { .max })
    where !login.isReady {
      if let answer = try login.take(frame) { answers += Array(buffer: answer) }
    }
    return answers
  }

  /// The nonce that the recorded client chose.
  private func nonce(of conversation: Conversation) throws -> String {
    var frames = Frames<FrontendKind>(limit: 10_000)
    let first = Frames<FrontendKind>.frames(try frames.pieces(of: conversation.messages) { .max })
    let text = String(buffer: try #require(first.first).body)
    return String(text.split(separator: "r=").last ?? "")
  }

  /// With the nonce of libpq it says, byte for byte, what libpq said.
  @Test(arguments: Conversation.allCases)
  func itSaysWhatLibpqSaid(_ conversation: Conversation) throws {
    var login = BackendLogin(
      .init(user: "postgres", password: Conversation.password), nonce: try nonce(of: conversation))
    let answers = try answers(of: &login, to: conversation)
    #expect(answers == Array(conversation.messages.prefix(answers.count)))
    #expect(login.isReady)
    #expect(login.key != nil)
    #expect(login.parameters["server_version"] == "15.18 (Debian 15.18-0+deb12u1)")
    #expect(login.parameters["client_encoding"] == "UTF8")
  }

  @Test func aServerWithoutTheKeyIsAnImpostor() throws {
    var login = BackendLogin(
      .init(user: "postgres", password: "other"), nonce: try nonce(of: .psql))
    #expect(throws: BackendLogin.Failure.impostor) { try answers(of: &login, to: .psql) }
  }

  private func request(_ code: UInt32, _ rest: [UInt8] = []) -> Frame<BackendKind> {
    message(.authentication) { body in
      body.writeInteger(code)
      body.writeBytes(rest)
    }
  }

  /// The password leaves only in a way that was asked for.
  @Test func weakerMethodsAreUsedOnlyWhereAskedFor() throws {
    var careful = BackendLogin(.init(user: "app", password: "secret"))
    #expect(throws: BackendLogin.Failure.method("password")) { try careful.take(request(3)) }
    #expect(throws: BackendLogin.Failure.method("md5")) {
      try careful.take(request(5, [1, 2, 3, 4]))
    }
    #expect(throws: BackendLogin.Failure.method("method 7")) { try careful.take(request(7)) }

    var open = BackendLogin(.init(user: "app", password: "secret", methods: [.md5, .cleartext]))
    #expect(
      try open.take(request(3)).map { Array(buffer: $0) } == [0x70, 0, 0, 0, 11]
        + Array("secret\0".utf8))
    // As Python's hashlib has it.
    #expect(
      try open.take(request(5, [1, 2, 3, 4])).map { Array(buffer: $0) }
        == [0x70, 0, 0, 0, 40] + Array("md5911f527656472583a006e7727877b33e\0".utf8))
  }

  /// Nobody is let in who skips the proof.
  @Test func allIsWellOnlyAfterTheProof() throws {
    var login = BackendLogin(.init(user: "app", password: "secret"))
    _ = try login.take(request(10, Array("SCRAM-SHA-256\0\0".utf8)))
    #expect(throws: BackendLogin.Failure.self) { try login.take(request(0)) }
  }

  @Test func brokenServersDoNoHarm() throws {
    let mutations = Mutations(
      of: Conversation.allCases.map { Array($0.server.prefix(600)) }, seed: 6)
    for _ in 0..<200 {
      var login = BackendLogin(.init(user: "postgres", password: "secret"))
      var frames = Frames<BackendKind>(limit: 10_000)
      let pieces = try? frames.pieces(of: mutations.next()) { 50 }
      for frame in Frames<BackendKind>.frames(pieces ?? []) where (try? login.take(frame)) == nil {
        break
      }
    }
  }
}

@Suite struct ClientLoginTests {
  static let verifier = ScramVerifier(password: "secret", iterations: 16)

  private static func login(_ tls: ClientLogin.TLS = .off) -> ClientLogin {
    ClientLogin(tls: tls, mockSecret: [1]) { $0 == "app" ? verifier : nil }
  }

  /// Logs a client in; `change` may spoil each of its messages.
  private static func run(
    _ login: inout ClientLogin, user: String = "app", password: String = "secret",
    change: (ByteBuffer) -> ByteBuffer = { $0 }
  ) throws -> ClientLogin.Action? {
    var client = BackendLogin(.init(user: user, password: password))
    var frames = Frames<BackendKind>(limit: 10_000)
    var next: ByteBuffer? = change(client.startup(database: "commerce", []))
    var last: ClientLogin.Action?
    while var bytes = next {
      next = nil
      login.take(&bytes)
      while let action = login.next() {
        last = action
        guard case .send(var answer) = action else { continue }
        frames.take(&answer)
        while case .frame(let frame) = try frames.next() {
          if let answer = try client.take(frame) { next = change(answer) }
        }
      }
    }
    return last
  }

  @Test func whoKnowsThePasswordIsLetIn() throws {
    var login = Self.login()
    guard case .loggedIn(let startup, let bytes) = try Self.run(&login) else {
      return #expect(Bool(false))
    }
    #expect(startup.user == "app")
    #expect(startup.database == "commerce")
    #expect(Array(buffer: bytes).suffix(9) == [0x52, 0, 0, 0, 8, 0, 0, 0, 0])
  }

  @Test(arguments: [("app", "Secret"), ("nobody", "secret")])
  func nobodyElseIsLetInNorToldWhy(user: String, password: String) throws {
    var login = Self.login()
    guard case .refuse(_, let why) = try Self.run(&login, user: user, password: password) else {
      return #expect(Bool(false))
    }
    #expect(
      why
        == PostgresError(
          .fatal, .invalidPassword, "password authentication failed for user \"\(user)\""))
    #expect(login.next() == nil)
  }

  /// A user that does not exist has the same salt each time, as one that does.
  @Test func unknownUsersLookLikeKnownOnes() throws {
    let salts = try (0..<2).map { _ in
      var server = ScramServer(ScramVerifier(mockFor: "nobody", secret: [1]))
      return try server.challenge(for: "n,,n=,r=abc").split(separator: ",")[1]
    }
    #expect(salts[0] == salts[1])
  }

  @Test func encryptionIsAskedForOnce() throws {
    var login = ClientLogin(tls: .off, mockSecret: []) { _ in nil }
    for kind in [StartupPacket.Encryption.gss, .tls] {
      var bytes = StartupPacket.encryption(kind).bytes
      login.take(&bytes)
      #expect(login.next() == .send(ByteBuffer(string: "N")))
    }
    var bytes = StartupPacket.encryption(.tls).bytes
    login.take(&bytes)
    guard case .refuse? = login.next() else { return #expect(Bool(false), "it was answered") }
  }

  @Test func encryptionIsAnsweredAsItIsWanted() throws {
    for (tls, answer) in [(ClientLogin.TLS.off, "N"), (.offered, "S"), (.required, "S")] {
      var login = Self.login(tls)
      var bytes = StartupPacket.encryption(.tls).bytes
      login.take(&bytes)
      let reply = ByteBuffer(string: answer)
      #expect(login.next() == (answer == "S" ? .beginTLS(reply) : .send(reply)))
      bytes = StartupPacket.encryption(.gss).bytes
      login.take(&bytes)
    }
    var login = Self.login(.required)
    guard case .refuse(_, let why) = try Self.run(&login) else { return #expect(Bool(false)) }
    #expect(why.message == "connections without TLS are refused here")
  }

  /// Bytes that somebody put behind the request would be taken for the client's own.
  @Test func nothingInTheClearFollowsTheRequestForTLS() throws {
    var login = Self.login(.offered)
    var bytes = StartupPacket.encryption(.tls).bytes
    bytes.writeString("x")
    login.take(&bytes)
    guard case .refuse = login.next() else { return #expect(Bool(false)) }
  }

  @Test func aCancelRequestIsHandedOn() {
    let key = CancelKey(process: 4, secret: 5)
    var login = Self.login(.required)
    var bytes = StartupPacket.cancel(key).bytes
    login.take(&bytes)
    #expect(login.next() == .cancel(key))
    #expect(login.next() == nil)
  }

  @Test func replicationIsRefused() {
    var login = Self.login()
    var bytes = StartupPacket.startup(
      Startup([.init("user", "app"), .init("replication", "database")])
    ).bytes
    login.take(&bytes)
    guard case .refuse(_, let why) = login.next() else { return #expect(Bool(false)) }
    #expect(why.code == .featureNotSupported)
  }

  /// No bytes but the right proof lead into a session.
  @Test func noSpoiltLoginIsLetIn() throws {
    var dice = Dice(7)
    for _ in 0..<300 {
      var login = Self.login()
      let last = try? Self.run(&login, password: "wrong") { bytes in
        var bytes = Array(buffer: bytes)
        if Bool.random(using: &dice) {
          bytes[Int.random(in: 0..<bytes.count, using: &dice)] = .random(in: 0...255, using: &dice)
        }
        return ByteBuffer(bytes: bytes)
      }
      if case .loggedIn = last { Issue.record("somebody without the password was let in") }
    }
    let mutations = Mutations(
      of: Conversation.allCases.map { Array($0.client.prefix(400)) }, seed: 8)
    for _ in 0..<2_000 {
      var login = Self.login()
      var bytes = ByteBuffer(bytes: mutations.next())
      login.take(&bytes)
      while let action = login.next() {
        if case .loggedIn = action { Issue.record("somebody without the password was let in") }
      }
    }
  }
}
