package import NIOCore

/// What the first bytes of a connection ask for.
///
/// These packets have no type, and each side may send nothing else before the startup is done.
package enum StartupPacket: Sendable, Equatable {
  case startup(Startup)
  case encryption(Encryption)
  case cancel(CancelKey)

  package enum Encryption: UInt32, Sendable {
    case tls = 80_877_103
    case gss = 80_877_104
  }

  private static let cancelRequest: UInt32 = 80_877_102
  /// What a server takes, in bytes (`MAX_STARTUP_PACKET_LENGTH`).
  static let limit = 10_000

  /// Takes one packet; nil: more has to come first.
  package static func read(
    from buffer: inout ByteBuffer
  ) throws(ProtocolViolation) -> StartupPacket? {
    guard let length: UInt32 = buffer.getInteger(at: buffer.readerIndex) else { return nil }
    guard length >= 8, length <= limit else {
      throw ProtocolViolation("the startup packet has an impossible length")
    }
    guard var packet = buffer.readSlice(length: Int(length)) else { return nil }
    packet.moveReaderIndex(forwardBy: 4)
    guard let code: UInt32 = packet.readInteger() else { return nil }
    if let encryption = Encryption(rawValue: code) { return .encryption(encryption) }
    if code == cancelRequest { return .cancel(try CancelKey(reading: &packet)) }
    return .startup(try Startup(version: code, reading: &packet))
  }

  /// The packet as it stands on the wire.
  package var bytes: ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeWithLength { packet in
      switch self {
      case .encryption(let encryption): packet.writeInteger(encryption.rawValue)
      case .cancel(let key):
        packet.writeInteger(Self.cancelRequest)
        key.write(into: &packet)
      case .startup(let startup): startup.write(into: &packet)
      }
    }
    return buffer
  }
}

/// Names a session to whoever wants its statement cancelled; whoever has it may cancel.
package struct CancelKey: Sendable, Hashable {
  package let process: UInt32
  package let secret: UInt32

  package init(process: UInt32, secret: UInt32) {
    self.process = process
    self.secret = secret
  }

  init(reading body: inout ByteBuffer) throws(ProtocolViolation) {
    guard let numbers = body.readMultipleIntegers(as: (UInt32, UInt32).self),
      body.readableBytes == 0
    else { throw ProtocolViolation("a cancel key has a wrong length") }
    (process, secret) = numbers
  }

  func write(into buffer: inout ByteBuffer) {
    buffer.writeMultipleIntegers(process, secret)
  }

  /// The message that tells a client its key.
  package var message: ByteBuffer {
    var buffer = ByteBuffer()
    buffer.write(BackendKind.backendKeyData) { write(into: &$0) }
    return buffer
  }
}

/// Who wants to talk to which database, and the settings that the session begins with.
package struct Startup: Sendable, Equatable {
  package static let version3: UInt32 = 3 << 16

  /// The major version in the upper 16 bits.
  package var version: UInt32
  /// In the order in which they came; a name may come twice, and the last one counts.
  package var parameters: [Parameter]

  package struct Parameter: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }

    /// Reads the body of a ParameterStatus.
    package init(reading body: inout ByteBuffer) throws(ProtocolViolation) {
      name = try body.readTerminated()
      value = try body.readTerminated()
    }

    /// The ParameterStatus that reports it.
    package var message: ByteBuffer {
      var buffer = ByteBuffer()
      buffer.write(BackendKind.parameterStatus) { body in
        body.writeTerminated(name)
        body.writeTerminated(value)
      }
      return buffer
    }
  }

  package init(version: UInt32 = version3, _ parameters: [Parameter]) {
    self.version = version
    self.parameters = parameters
  }

  init(version: UInt32, reading packet: inout ByteBuffer) throws(ProtocolViolation) {
    self.init(version: version, [])
    guard isSupported else {
      throw ProtocolViolation("protocol 3 is spoken here, not \(version >> 16)")
    }
    while case let name = try packet.readTerminated(), !name.isEmpty {
      parameters.append(Parameter(name, try packet.readTerminated()))
    }
    guard packet.readableBytes == 0 else {
      throw ProtocolViolation("the startup packet has an impossible length")
    }
  }

  func write(into packet: inout ByteBuffer) {
    packet.writeInteger(version)
    for parameter in parameters {
      packet.writeTerminated(parameter.name)
      packet.writeTerminated(parameter.value)
    }
    packet.writeInteger(UInt8(0))
  }

  package subscript(name: String) -> String? {
    parameters.last { $0.name == name }?.value
  }

  package var user: String? { self["user"].flatMap { $0.isEmpty ? nil : $0 } }
  /// The user's name where no database is named.
  package var database: String? { self["database"].flatMap { $0.isEmpty ? nil : $0 } ?? user }
  private var isSupported: Bool { version >> 16 == 3 }

  /// Wants the changes themselves instead of statements' results.
  package var isForReplication: Bool {
    self["replication"].map { !["false", "off", "no", "0"].contains($0.lowercased()) } ?? false
  }

  /// What a session begins with, beside who and where.
  package var settings: [Parameter] {
    parameters.filter {
      !["user", "database", "replication"].contains($0.name) && !$0.name.hasPrefix("_pq_.")
    }
  }

  /// What a client that wants more than protocol 3.0 has to be told; nil where it does not.
  package var negotiation: ByteBuffer? {
    let options = parameters.map(\.name).filter { $0.hasPrefix("_pq_.") }
    guard version > Self.version3 || !options.isEmpty else { return nil }
    var buffer = ByteBuffer()
    buffer.write(BackendKind.negotiateProtocolVersion) { body in
      body.writeInteger(Self.version3)
      body.writeInteger(UInt32(options.count))
      for option in options { body.writeTerminated(option) }
    }
    return buffer
  }
}
