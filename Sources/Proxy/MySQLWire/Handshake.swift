package import NIOCore

/// How a password is proved.
package enum AuthenticationPlugin: String, Sendable, CaseIterable {
  case native = "mysql_native_password"
  case cachingSHA2 = "caching_sha2_password"
}

/// A server's first packet, protocol 10.
///
/// Source: MySQL's reference of its source code, "Protocol::HandshakeV10".
package struct Greeting: Sendable, Equatable {
  package var version: String
  package var connection: UInt32
  /// 20 bytes, none of them zero.
  package var nonce: [UInt8]
  package var capabilities: Capabilities
  package var collation: UInt8
  package var status: UInt16 = ServerStatus.autocommit.rawValue
  package var plugin: String

  package init(
    version: String, connection: UInt32, nonce: [UInt8], capabilities: Capabilities,
    collation: UInt8, plugin: String
  ) {
    self.version = version
    self.connection = connection
    self.nonce = nonce
    self.capabilities = capabilities
    self.collation = collation
    self.plugin = plugin
  }

  package var payload: ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(UInt8(10))
    buffer.writeZeroTerminated(version)
    buffer.writeInteger(connection, endianness: .little)
    buffer.writeBytes(nonce.prefix(8))
    buffer.writeInteger(UInt8(0))
    buffer.writeInteger(UInt16(truncatingIfNeeded: capabilities.rawValue), endianness: .little)
    buffer.writeInteger(collation)
    buffer.writeInteger(status, endianness: .little)
    buffer.writeInteger(UInt16(capabilities.rawValue >> 16), endianness: .little)
    buffer.writeInteger(UInt8(nonce.count + 1))
    buffer.writeRepeatingByte(0, count: 10)
    buffer.writeBytes(nonce.dropFirst(8))
    buffer.writeInteger(UInt8(0))
    buffer.writeZeroTerminated(plugin)
    return buffer
  }

  package init(reading payload: ByteBuffer) throws(ProtocolViolation) {
    var buffer = payload
    let version = buffer.readInteger(as: UInt8.self)
    guard version == 10 else {
      throw ProtocolViolation("the server speaks version \(version ?? 0) of the protocol, not 10")
    }
    guard let name = buffer.readZeroTerminated(),
      let connection = buffer.readInteger(endianness: .little, as: UInt32.self),
      let first = buffer.readBytes(length: 8), buffer.readInteger(as: UInt8.self) != nil,
      let low = buffer.readInteger(endianness: .little, as: UInt16.self),
      let collation = buffer.readInteger(as: UInt8.self),
      let status = buffer.readInteger(endianness: .little, as: UInt16.self),
      let high = buffer.readInteger(endianness: .little, as: UInt16.self),
      let length = buffer.readInteger(as: UInt8.self), buffer.readBytes(length: 10) != nil,
      let second = buffer.readBytes(length: max(12, Int(length) - 9))
    else { throw ProtocolViolation("the server's greeting is cut short") }
    self.version = name
    self.connection = connection
    nonce = first + second
    capabilities = Capabilities(rawValue: UInt32(low) | UInt32(high) << 16)
    self.collation = collation
    self.status = status
    buffer.skipZero()
    plugin = buffer.readZeroTerminated() ?? AuthenticationPlugin.native.rawValue
  }
}

extension ByteBuffer {
  fileprivate mutating func skipZero() {
    if getInteger(at: readerIndex, as: UInt8.self) == 0 { moveReaderIndex(forwardBy: 1) }
  }
}

/// A client's answer to the greeting, or, cut short, its wish for TLS.
///
/// Source: "Protocol::HandshakeResponse41" and "Protocol::SSLRequest".
package struct HandshakeResponse: Sendable, Equatable {
  package var capabilities: Capabilities
  package var collation: UInt8
  package var user = ""
  package var proof: [UInt8] = []
  package var database: String?
  /// Nil where the client did not name one.
  package var plugin: String?

  package init(capabilities: Capabilities, collation: UInt8) {
    self.capabilities = capabilities
    self.collation = collation
  }

  /// Whether a client asks for TLS and says who it is only afterwards.
  package static func isTLSRequest(_ payload: ByteBuffer) -> Bool {
    guard payload.readableBytes == 32,
      let flags = payload.getInteger(
        at: payload.readerIndex, endianness: .little, as: UInt32.self)
    else { return false }
    return Capabilities(rawValue: flags).contains(.tls)
  }

  package init(reading payload: ByteBuffer) throws(ProtocolViolation) {
    var buffer = payload
    guard let flags = buffer.readInteger(endianness: .little, as: UInt32.self),
      buffer.readInteger(as: UInt32.self) != nil,
      let collation = buffer.readInteger(as: UInt8.self),
      buffer.readBytes(length: 23) != nil, let user = buffer.readZeroTerminated()
    else { throw ProtocolViolation("the client's login is cut short") }
    capabilities = Capabilities(rawValue: flags)
    guard capabilities.contains(.protocol41), capabilities.contains(.secureConnection) else {
      throw ProtocolViolation("the client speaks a protocol older than MySQL 4.1's")
    }
    self.collation = collation
    self.user = user
    let proof: [UInt8]?
    if capabilities.contains(.longAuthenticationData) {
      proof = buffer.readLengthEncodedBytes()
    } else {
      proof = buffer.readInteger(as: UInt8.self).flatMap { buffer.readBytes(length: Int($0)) }
    }
    guard let proof else { throw ProtocolViolation("the client's login is cut short") }
    self.proof = proof
    if capabilities.contains(.connectWithDatabase) {
      let name = buffer.readZeroTerminated()
      database = name?.isEmpty == false ? name : nil
    }
    if capabilities.contains(.pluginAuthentication) { plugin = buffer.readZeroTerminated() }
  }

  package var payload: ByteBuffer {
    var buffer = tlsRequest
    buffer.writeZeroTerminated(user)
    if capabilities.contains(.longAuthenticationData) {
      buffer.writeLengthEncodedBytes(proof)
    } else {
      buffer.writeInteger(UInt8(proof.count))
      buffer.writeBytes(proof)
    }
    if capabilities.contains(.connectWithDatabase) { buffer.writeZeroTerminated(database ?? "") }
    if capabilities.contains(.pluginAuthentication) { buffer.writeZeroTerminated(plugin ?? "") }
    return buffer
  }

  /// What comes before the name: alone, it asks for TLS.
  package var tlsRequest: ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(capabilities.rawValue, endianness: .little)
    buffer.writeInteger(UInt32(1 << 24), endianness: .little)
    buffer.writeInteger(collation)
    buffer.writeRepeatingByte(0, count: 23)
    return buffer
  }
}

/// What a client says to become somebody else (COM_CHANGE_USER).
///
/// Source: "COM_CHANGE_USER".
package struct ChangeUser: Sendable, Equatable {
  package var user = ""
  package var proof: [UInt8] = []
  package var database: String?
  package var collation: UInt8?
  package var plugin: String?

  /// Reads what follows the command's byte.
  package init(reading payload: ByteBuffer) throws(ProtocolViolation) {
    var buffer = payload
    guard let user = buffer.readZeroTerminated(), let length = buffer.readInteger(as: UInt8.self),
      let proof = buffer.readBytes(length: Int(length)), let database = buffer.readZeroTerminated()
    else { throw ProtocolViolation("the change of user is cut short") }
    self.user = user
    self.proof = proof
    self.database = database.isEmpty ? nil : database
    collation = buffer.readInteger(endianness: .little, as: UInt16.self)
      .map { UInt8(truncatingIfNeeded: $0) }
    plugin = buffer.readZeroTerminated()
  }
}
