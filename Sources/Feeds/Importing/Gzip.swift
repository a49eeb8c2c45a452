internal import FoundationEssentials
internal import NIOCore
internal import NIOEmbedded
internal import NIOFoundationEssentialsCompat
internal import NIOHTTP1
internal import NIOHTTPCompression

/// Unpacks files that somebody compressed after saving them.
enum Gzip {
  static let magic: [UInt8] = [0x1F, 0x8B]
  /// No page is longer than this, and a small file may unpack to any length.
  private static let limit = 64 << 20

  /// The unpacked contents of a whole file; nil if it is damaged or too long.
  ///
  /// The file is treated as the body of a compressed HTTP answer.
  static func inflate(_ data: Data) -> Data? {
    let channel = EmbeddedChannel(handler: NIOHTTPResponseDecompressor(limit: .size(limit)))
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    do {
      let head = HTTPResponseHead(
        version: .http1_1, status: .ok, headers: ["content-encoding": "gzip"])
      try channel.writeInbound(HTTPClientResponsePart.head(head))
      try channel.writeInbound(HTTPClientResponsePart.body(ByteBuffer(data: data)))
      try channel.writeInbound(HTTPClientResponsePart.end(nil))
      var contents = Data()
      while let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
        if case .body(let buffer) = part { contents.append(contentsOf: buffer.readableBytesView) }
      }
      return contents
    } catch {
      return nil
    }
  }
}
