package import NIOCore

/// What an ErrorResponse or a NoticeResponse says.
package struct PostgresError: Error, Sendable, Equatable {
  package enum Severity: String, Sendable {
    case error = "ERROR"
    /// The connection ends with it.
    case fatal = "FATAL"
    case panic = "PANIC"
  }

  /// A SQLSTATE, five characters (the Postgres manual, "PostgreSQL Error Codes").
  package struct Code: RawRepresentable, Sendable, Hashable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let protocolViolation = Code(rawValue: "08P01")
    /// Nobody can be reached; class 08 is what clients retry on a new connection.
    package static let connectionFailure = Code(rawValue: "08006")
    package static let featureNotSupported = Code(rawValue: "0A000")
    /// Of a transaction that is read-only because its server is, or because its client wants it so.
    package static let readOnlyTransaction = Code(rawValue: "25006")
    package static let invalidAuthorization = Code(rawValue: "28000")
    package static let invalidPassword = Code(rawValue: "28P01")
    package static let invalidCatalogName = Code(rawValue: "3D000")
    package static let tooManyConnections = Code(rawValue: "53300")
    package static let programLimitExceeded = Code(rawValue: "54000")
    package static let queryCanceled = Code(rawValue: "57014")
    package static let adminShutdown = Code(rawValue: "57P01")
    package static let cannotConnectNow = Code(rawValue: "57P03")
    package static let idleSessionTimeout = Code(rawValue: "57P05")
    package static let internalError = Code(rawValue: "XX000")

    /// The server is stopping, starting or has crashed.
    package var isOfShutdown: Bool { rawValue.hasPrefix("57P") }

    /// The code under which Vitess would count it, by what both mean: Vitess knows MySQL's errors
    /// only (proto/vtrpc.proto, `Code`).
    package var vtrpcCode: String {
      switch (rawValue.prefix(2), rawValue) {
      case (_, "23505"), (_, "42P07"): "ALREADY_EXISTS"
      case (_, "42P01"), ("3D", _), ("3F", _): "NOT_FOUND"
      case (_, "42501"), ("28", _): "PERMISSION_DENIED"
      case (_, "57014"): "CANCELED"
      case ("08", _), ("57", _): "UNAVAILABLE"
      case ("0A", _): "UNIMPLEMENTED"
      case ("22", _), ("42", _): "INVALID_ARGUMENT"
      case ("23", _), ("25", _): "FAILED_PRECONDITION"
      case ("40", _): "ABORTED"
      case ("53", _), ("54", _): "RESOURCE_EXHAUSTED"
      default: "UNKNOWN"
      }
    }
  }

  package var severity: Severity
  package var code: Code
  package var message: String
  package var detail: String?
  package var hint: String?

  package init(
    _ severity: Severity, _ code: Code, _ message: String, detail: String? = nil,
    hint: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.detail = detail
    self.hint = hint
  }

  /// Reads the body of an ErrorResponse; fields that are not kept here are passed over.
  package init(reading body: ByteBuffer) throws(ProtocolViolation) {
    var body = body
    self.init(.error, .internalError, "")
    while let field: UInt8 = body.readInteger(), field != 0 {
      let text = try body.readTerminated()
      switch field {
      case UInt8(ascii: "V"): severity = Severity(rawValue: text) ?? .error
      case UInt8(ascii: "C"): code = Code(rawValue: text)
      case UInt8(ascii: "M"): message = text
      case UInt8(ascii: "D"): detail = text
      case UInt8(ascii: "H"): hint = text
      default: break
      }
    }
  }

  /// The message as it stands on the wire.
  package var bytes: ByteBuffer {
    var buffer = ByteBuffer()
    let fields: [(field: Unicode.Scalar, text: String?)] = [
      ("S", severity.rawValue), ("V", severity.rawValue), ("C", code.rawValue), ("M", message),
      ("D", detail), ("H", hint),
    ]
    buffer.write(BackendKind.errorResponse) { body in
      for (field, text) in fields {
        guard let text else { continue }
        body.writeInteger(UInt8(ascii: field))
        body.writeTerminated(text)
      }
      body.writeInteger(UInt8(0))
    }
    return buffer
  }
}
