import NIOCore
import PostgresWire
import Testing

/// What may be run again elsewhere.
@Suite struct AttemptTests {
  private var attempt = Attempt()

  private func parse(_ name: String) -> Frame<FrontendKind> {
    Frame(.parse) { $0.writeString(name + "\0insert into t values (1)\0\0\0") }
  }

  private func error(_ code: PostgresError.Code) throws -> Frame<BackendKind> {
    Frame(.errorResponse) { body in
      var bytes = PostgresError(.error, code, "no").bytes
      bytes.moveReaderIndex(forwardBy: 5)
      body.writeBuffer(&bytes)
    }
  }

  @Test mutating func understandingIsHeldBack() throws {
    let sent = [parse(""), Frame<FrontendKind>(.sync)]
    for message in sent {
      let isOpen = attempt.sent(message)
      #expect(isOpen)
    }
    let isUnderstood = attempt.received(Frame(.parseComplete))
    let isRefused = attempt.received(try error(.readOnlyTransaction))
    #expect(isUnderstood && isRefused)
    #expect(attempt.messages == sent)
    #expect(attempt.answer.readableBytes > 5)
  }

  @Test mutating func whatWasDoneIsNotDoneAgain() throws {
    _ = attempt.sent(parse(""))
    let isHeld = attempt.received(Frame(.commandComplete))
    #expect(!isHeld)
  }

  @Test mutating func otherErrorsAreTheClients() throws {
    let isHeld = attempt.received(try error(.queryCanceled))
    #expect(!isHeld)
  }

  @Test mutating func someCannotBeRunAgain() {
    for message in [
      parse("named"), Frame(.flush), Frame(.query) { $0.writeRepeatingByte(1, count: 1 << 17) },
    ] {
      attempt = Attempt()
      let isOpen = attempt.sent(message)
      #expect(!isOpen)
    }
  }
}
