package import NIOCore

/// The statement or batch that a session's work begins with, for as long as it could be run again
/// elsewhere: while its server has said no more than that it has understood it.
///
/// What the server says up to there is held back. A named statement that is prepared in it, a Flush
/// and more than 64 KiB end that: then it runs here, come what may.
package struct Attempt: Sendable {
  private static let limit = 64 << 10

  package private(set) var messages: [Frame<FrontendKind>] = []
  /// What the server has said, and the client not heard.
  package private(set) var answer = ByteBuffer()
  private var size = 0

  package init() {}

  /// Takes note of a client's message that goes to the server; false ends the attempt.
  package mutating func sent(_ frame: Frame<FrontendKind>) -> Bool {
    size += frame.bytes.readableBytes
    messages.append(frame)
    guard size <= Self.limit else { return false }
    switch frame.kind {
    case .query, .bind, .describe, .execute, .sync: return true
    case .parse: return frame.body.readableBytesView.first == 0
    case .close, .flush, .functionCall, .terminate, .copyData, .copyDone, .copyFail, .password:
      return false
    }
  }

  /// Holds back what the server says; false ends the attempt.
  package mutating func received(_ frame: Frame<BackendKind>) -> Bool {
    switch frame.kind {
    case .parseComplete, .bindComplete, .noData, .parameterDescription, .rowDescription: break
    case .errorResponse:
      guard (try? PostgresError(reading: frame.body))?.code == .readOnlyTransaction else {
        return false
      }
    default: return false
    }
    answer.writeImmutableBuffer(frame.bytes)
    return answer.readableBytes <= Self.limit
  }
}
