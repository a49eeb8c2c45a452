package import NIOCore

/// A short result of text, read whole.
package struct TextResult: Sendable, Equatable {
  package private(set) var columns: [String] = []
  package private(set) var rows: [[String?]] = []

  /// Reads the answer to a query that was asked without ``Capabilities/deprecateEOF``; throws the
  /// server's error where that is the answer.
  package init(_ answer: ByteBuffer) throws {
    var reader = PacketReader(limit: 1 << 24)
    reader.append(answer)
    guard let first = try reader.next()?.payload else { return }
    if let error = ServerError(reading: first) { throw error }
    var head = first
    let count = Int(clamping: head.readLengthEncoded() ?? 0)
    for _ in 0..<count {
      guard var column = try reader.next()?.payload else { return }
      // Catalogue, schema, table and its first name come before.
      for _ in 0..<4 { _ = column.readLengthEncodedBytes() }
      columns.append(String(decoding: column.readLengthEncodedBytes() ?? [], as: UTF8.self))
    }
    guard count > 0 else { return }
    _ = try reader.next()
    while let row = try reader.next()?.payload, !Self.isEnd(row) {
      if let error = ServerError(reading: row) { throw error }
      rows.append(Self.values(row, count))
    }
  }

  private static func isEnd(_ packet: ByteBuffer) -> Bool {
    packet.readableBytes < 9 && packet.getInteger(at: packet.readerIndex, as: UInt8.self) == 0xFE
  }

  private static func values(_ row: ByteBuffer, _ count: Int) -> [String?] {
    var row = row
    return (0..<count).map { _ in
      if row.getInteger(at: row.readerIndex, as: UInt8.self) == 0xFB {
        row.moveReaderIndex(forwardBy: 1)
        return nil
      }
      return row.readLengthEncodedBytes().map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// The first row's value of a column.
  package subscript(_ column: String) -> String? {
    columns.firstIndex(of: column).flatMap { index in rows.first?[index] }
  }
}
