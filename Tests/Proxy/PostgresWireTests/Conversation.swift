import Foundation
import NIOCore
import PostgresWire
import TestSupport

/// A recorded connection: what each side sent, from the first byte to the last.
enum Conversation: String, CaseIterable {
  case psql, psycopg

  var client: [UInt8] { bytes(of: "client") }
  var server: [UInt8] { bytes(of: "server") }
  static let password = "secret"

  private func bytes(of side: String) -> [UInt8] {
    (try? Fixtures.data("postgres-15/\(rawValue).\(side)")).map(Array.init) ?? []
  }

  /// What the client sent after its startup packet.
  var messages: [UInt8] {
    var buffer = ByteBuffer(bytes: client)
    _ = try? StartupPacket.read(from: &buffer)
    return Array(buffer: buffer)
  }

  static func verifier() throws -> ScramVerifier? {
    let text = String(decoding: try Fixtures.data("postgres-15/verifier"), as: UTF8.self)
    return ScramVerifier(text.trimmingCharacters(in: .newlines))
  }
}

extension Frames {
  /// Everything that comes out of bytes that come in pieces of these sizes.
  mutating func pieces(
    of bytes: [UInt8], in sizes: () -> Int
  ) throws(ProtocolViolation) -> [Piece] {
    var pieces: [Piece] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      var chunk = ByteBuffer(bytes: rest.prefix(max(1, sizes())))
      rest = rest.dropFirst(chunk.readableBytes)
      take(&chunk)
      while let piece = try next() { pieces.append(piece) }
    }
    return pieces
  }

  /// The messages that are read, in their order.
  static func frames(_ pieces: [Piece]) -> [Frame<Kind>] {
    pieces.compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
  }

  /// All bytes, as they would be passed on.
  static func bytes(_ pieces: [Piece]) -> [UInt8] {
    pieces.flatMap { piece in
      switch piece {
      case .frame(let frame): Array(buffer: frame.bytes)
      case .passage(let bytes): Array(buffer: bytes)
      }
    }
  }
}

func message(
  _ kind: FrontendKind, _ body: (inout ByteBuffer) -> Void = { _ in }
) -> Frame<FrontendKind> { Frame(kind, body) }

func message(
  _ kind: BackendKind, _ body: (inout ByteBuffer) -> Void = { _ in }
) -> Frame<BackendKind> { Frame(kind, body) }
