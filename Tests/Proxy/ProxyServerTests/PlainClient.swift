import MySQLWire
import NIOCore
import Terms
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A client of MySQL's protocol on a plain blocking socket, which reads only when a test says so.
final class PlainClient {
  private let socket: Int32
  private var reader = PacketReader(limit: 1 << 26)
  /// As the proxy greeted it.
  private(set) var number: UInt32 = 0

  /// Logs in as the tests' client, for a session whose results end as they did before EOF packets
  /// were deprecated.
  convenience init(_ address: Address) throws {
    try self.init(connectingTo: address)
    var login = BackendLogin(
      .init(
        user: "shop", password: "open sesame", database: "commerce", collation: 45,
        capabilities: [], wantsTLS: false))
    while true {
      let packet = try packet()
      switch try login.take(packet.payload) {
      case .send(let payload): write(payload, packet.sequence &+ 1)
      case .wait: continue
      default:
        number = login.greeting?.connection ?? 0
        return
      }
    }
  }

  init(connectingTo address: Address) throws {
    #if canImport(Darwin)
      socket = Darwin.socket(AF_INET, SOCK_STREAM, 0)
    #else
      socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = in_port_t(address.port).bigEndian
    place.sin_addr.s_addr = inet_addr(address.host)
    let isConnected = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw ProtocolViolation("nobody listens") }
  }

  deinit { close(socket) }

  /// Hangs up without a word.
  func hangUp() { shutdown(socket, Int32(SHUT_RDWR)) }

  @discardableResult
  private func write(_ payload: ByteBuffer, _ sequence: UInt8) -> Bool {
    var frames = ByteBuffer()
    frames.writePacket(payload, sequence: sequence)
    return write(frames)
  }

  /// False where the proxy has hung up.
  @discardableResult
  private func write(_ frames: ByteBuffer) -> Bool {
    frames.withUnsafeReadableBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: rest)
        let count = Int(send(socket, part.baseAddress, part.count, 0))
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  private func received() throws -> ByteBuffer {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(socket, &bytes, bytes.count, 0)
    guard count > 0 else { throw ProtocolViolation("the proxy hung up") }
    return ByteBuffer(bytes: bytes.prefix(count))
  }

  private func packet() throws -> Packet {
    while true {
      if let packet = try reader.next() { return packet }
      reader.append(try received())
    }
  }

  /// Takes the greeting, and answers with a wish for TLS and the start of TLS in one piece; returns
  /// the first byte that comes back.
  func askForTLS(beginningWith bytes: [UInt8]) throws -> UInt8? {
    _ = try packet()
    var frames = ByteBuffer()
    let wish = HandshakeResponse(
      capabilities: [.tls, .protocol41, .secureConnection], collation: 45)
    frames.writePacket(wish.tlsRequest, sequence: 1)
    frames.writeBytes(bytes)
    write(frames)
    return try received().readableBytesView.first
  }

  // MARK: Commands

  /// False where the proxy has hung up.
  @discardableResult
  func ask(_ sql: String) -> Bool {
    write(ByteBuffer(bytes: [Command.query.rawValue] + Array(sql.utf8)), 0)
  }

  /// Ends a connection by the command of the protocol; returns the proxy's complaint.
  func kill(_ number: UInt32) throws -> ServerError? {
    var payload = ByteBuffer(bytes: [Command.processKill.rawValue])
    payload.writeInteger(number, endianness: .little)
    write(payload, 0)
    return try error()
  }

  /// What comes unasked before the proxy hangs up.
  func lastWords() throws -> ServerError? {
    let packet = try packet()
    #expect(packet.sequence == 0)
    #expect(throws: ProtocolViolation.self) { try received() }
    return ServerError(reading: packet.payload)
  }

  /// Reads an answer to its end; returns how long it was, in bytes.
  func readAnswer() throws -> Int {
    var tracker = AnswerTracker(.results, deprecatesEOF: false)
    var length = 0
    while !tracker.isDone {
      let part = reader.pending > 0 ? reader.takeRest() : try received()
      try tracker.follow(part)
      length += part.readableBytes - tracker.surplus
      // Of the next answer, which may have come with it.
      let next = part.getSlice(at: part.writerIndex - tracker.surplus, length: tracker.surplus)
      if let next, next.readableBytes > 0 { reader.append(next) }
    }
    return length
  }

  /// Reads one that ends with `length` bytes, a little at a time.
  func readSlowly(_ length: Int, pausing pause: Duration) async throws {
    var left = length
    while left > 0 {
      left -= try received().readableBytes
      try await Task.sleep(for: pause)
    }
  }

  /// Prepares a statement of two parameters and no columns; returns its number.
  func prepare(_ sql: String) throws -> UInt32 {
    write(ByteBuffer(bytes: [Command.statementPrepare.rawValue] + Array(sql.utf8)), 0)
    let payload = try packet().payload
    if let error = ServerError(reading: payload) { throw error }
    guard let reply = PreparedReply(reading: payload) else {
      throw ProtocolViolation("it is not prepared")
    }
    for _ in 0..<reply.parameters + 1 { _ = try packet() }
    return reply.statement
  }

  func closePrepared(_ number: UInt32) {
    var payload = ByteBuffer(bytes: [Command.statementClose.rawValue])
    payload.writeInteger(number, endianness: .little)
    write(payload, 0)
  }

  /// Sends some of its second parameter ahead of its execution.
  func sendAhead(_ bytes: [UInt8], of number: UInt32) {
    var payload = ByteBuffer(bytes: [Command.statementSendLongData.rawValue])
    payload.writeInteger(number, endianness: .little)
    payload.writeBytes([1, 0])
    payload.writeBytes(bytes)
    write(payload, 0)
  }

  /// What a packet that comes complains of.
  func error() throws -> ServerError? { ServerError(reading: try packet().payload) }

  /// What an answer of one packet says of the session; throws the error that it is.
  func status() throws -> ServerStatus {
    let payload = try packet().payload
    if let error = ServerError(reading: payload) { throw error }
    return OKPacket(reading: payload)?.status ?? []
  }

  /// Runs it with an integer and a string, whose types a driver sends the first time only.
  func execute(_ number: UInt32, _ first: Int32, _ second: String, withTypes: Bool) throws {
    var payload = ByteBuffer(bytes: [Command.statementExecute.rawValue])
    payload.writeInteger(number, endianness: .little)
    payload.writeBytes([0, 1, 0, 0, 0, 0, withTypes ? 1 : 0])
    if withTypes { payload.writeBytes([3, 0, 15, 0]) }
    payload.writeInteger(first, endianness: .little)
    payload.writeLengthEncodedBytes(Array(second.utf8))
    write(payload, 0)
    if let error = ServerError(reading: try packet().payload) { throw error }
  }
}
