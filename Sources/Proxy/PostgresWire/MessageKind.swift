/// What a message is, by its first byte.
///
/// Source of both lists: the Postgres manual, "Message Formats", protocol 3.0.
package protocol MessageKind: RawRepresentable<UInt8>, Equatable, Sendable {
  /// Somebody here reads the message: it is given out whole, and has a limit. What nobody reads
  /// passes in pieces and may have any length.
  var isRead: Bool { get }
}

/// The messages of a client.
package enum FrontendKind: UInt8, MessageKind {
  case bind = 0x42  // B
  case close = 0x43  // C
  case describe = 0x44  // D
  case execute = 0x45  // E
  case functionCall = 0x46  // F
  case flush = 0x48  // H
  case parse = 0x50  // P
  case query = 0x51  // Q
  case sync = 0x53  // S
  case terminate = 0x58  // X
  case copyDone = 0x63  // c
  case copyData = 0x64  // d
  case copyFail = 0x66  // f
  /// The answer to a request for authentication, whichever it is.
  case password = 0x70  // p

  package var isRead: Bool { self != .copyData }
}

/// The messages of a server.
package enum BackendKind: UInt8, MessageKind {
  case parseComplete = 0x31  // 1
  case bindComplete = 0x32  // 2
  case closeComplete = 0x33  // 3
  case notificationResponse = 0x41  // A
  case commandComplete = 0x43  // C
  case dataRow = 0x44  // D
  case errorResponse = 0x45  // E
  case copyInResponse = 0x47  // G
  case copyOutResponse = 0x48  // H
  case emptyQueryResponse = 0x49  // I
  case backendKeyData = 0x4B  // K
  case noticeResponse = 0x4E  // N
  case authentication = 0x52  // R
  case parameterStatus = 0x53  // S
  case rowDescription = 0x54  // T
  case functionCallResponse = 0x56  // V
  case copyBothResponse = 0x57  // W
  case readyForQuery = 0x5A  // Z
  case copyDone = 0x63  // c
  case copyData = 0x64  // d
  case noData = 0x6E  // n
  case portalSuspended = 0x73  // s
  case parameterDescription = 0x74  // t
  case negotiateProtocolVersion = 0x76  // v

  package var isRead: Bool {
    switch self {
    case .dataRow, .copyData, .functionCallResponse, .notificationResponse, .noticeResponse,
      .copyOutResponse, .copyDone:
      false
    default: true
    }
  }
}
