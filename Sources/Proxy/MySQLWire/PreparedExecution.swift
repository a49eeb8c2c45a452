package import NIOCore

/// A client's wish to run a prepared statement, in which the proxy changes the statement's number
/// and adds the types of the parameters where the server at hand has not seen them.
///
/// Source: "COM_STMT_EXECUTE": one byte of command, four of statement, one of flags, four of
/// iterations; with parameters a bitmap of those that are NULL, a byte that says whether types
/// follow, two bytes of type a parameter, and the values.
package struct PreparedExecution: Sendable, Equatable {
  private static let bitmapStart = 10

  package let payload: ByteBuffer
  private let parameters: Int

  /// Nil where it is cut short.
  package init?(_ payload: ByteBuffer, parameters: Int) {
    let bitmap = parameters > 0 ? (parameters + 7) / 8 + 1 : 0
    guard payload.readableBytes >= Self.bitmapStart + bitmap else { return nil }
    self.payload = payload
    self.parameters = parameters
    if hasTypes, payload.readableBytes < typesStart + 2 * parameters { return nil }
  }

  /// The number by which a packet of a prepared statement names it; nil where it is cut short.
  package static func statement(in payload: ByteBuffer) -> UInt32? {
    payload.getInteger(at: payload.readerIndex + 1, endianness: .little)
  }

  /// The payload with another number.
  package static func renumbered(_ payload: ByteBuffer, _ statement: UInt32) -> ByteBuffer {
    var payload = payload
    payload.setInteger(statement, at: payload.readerIndex + 1, endianness: .little)
    return payload
  }

  private var typesStart: Int { Self.bitmapStart + (parameters + 7) / 8 + 1 }

  private var hasTypes: Bool {
    parameters > 0
      && payload.getInteger(at: payload.readerIndex + typesStart - 1, as: UInt8.self) == 1
  }

  /// The parameters' types, where the client has sent them.
  package var types: [UInt8]? {
    guard hasTypes else { return nil }
    return payload.getBytes(at: payload.readerIndex + typesStart, length: 2 * parameters)
  }

  /// For a server that does not know the types yet.
  package func withTypes(_ types: [UInt8]) -> ByteBuffer {
    guard parameters > 0, !hasTypes, types.count == 2 * parameters,
      var head = payload.getSlice(at: payload.readerIndex, length: typesStart - 1),
      var values = payload.getSlice(
        at: payload.readerIndex + typesStart, length: payload.readableBytes - typesStart)
    else { return payload }
    head.writeInteger(UInt8(1))
    head.writeBytes(types)
    head.writeBuffer(&values)
    return head
  }
}
