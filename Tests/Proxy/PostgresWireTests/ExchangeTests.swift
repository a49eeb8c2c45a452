import PostgresWire
import Testing

@Suite struct ExchangeTests {
  private enum Step {
    case client(FrontendKind)
    case server(BackendKind)
  }

  private func after(_ steps: Step...) -> Exchange {
    var exchange = Exchange()
    for step in steps {
      switch step {
      case .client(let kind):
        #expect(exchange.mayPass, "\(kind)")
        exchange.sent(kind)
      case .server(let kind): exchange.received(kind)
      }
    }
    return exchange
  }

  @Test func aQueryIsAnsweredBeforeTheNextGoesOn() {
    #expect(!after(.client(.query), .server(.commandComplete)).mayPass)
    #expect(after(.client(.query), .server(.readyForQuery)).isIdle)
  }

  @Test func aBatchPassesUpToItsSync() {
    #expect(after(.client(.parse), .client(.bind), .client(.flush)).mayPass)
    #expect(!after(.client(.parse), .client(.bind), .client(.execute), .client(.sync)).mayPass)
    #expect(after(.client(.bind), .client(.sync), .server(.readyForQuery)).isIdle)
  }

  @Test func copiedDataPasses() {
    #expect(
      after(.client(.query), .server(.copyInResponse), .client(.copyData), .client(.copyDone))
        .mayPass == false)
    // One query may copy twice.
    #expect(
      after(
        .client(.query), .server(.copyInResponse), .client(.copyDone), .server(.commandComplete),
        .server(.copyInResponse)
      ).mayPass)
    // The server stops copying: what was copied is no longer wanted, and ReadyForQuery follows.
    #expect(!after(.client(.query), .server(.copyInResponse), .server(.errorResponse)).mayPass)
  }

  /// After an error a server passes over everything up to a Sync, which only it then answers.
  @Test func whatIsSentAfterAnErrorOwesNoAnswer() {
    let failed = after(
      .client(.parse), .client(.flush), .server(.errorResponse), .client(.query), .client(.parse),
      .client(.functionCall), .client(.execute))
    #expect(failed.mayPass)
    #expect(!failed.isIdle)
    var ended = failed
    ended.sent(.sync)
    #expect(!ended.mayPass)
    ended.received(.readyForQuery)
    #expect(ended.isIdle)
  }

  /// The error may be the batch's, and the query passed over, or the query's own.
  @Test func anErrorBehindAQueryWithinABatchIsUnclear() {
    #expect(after(.client(.parse), .client(.query), .server(.errorResponse)).isUnclear)
    #expect(!after(.client(.query), .server(.errorResponse)).isUnclear)
    #expect(
      !after(
        .client(.parse), .client(.query), .server(.readyForQuery), .client(.query),
        .server(.errorResponse)
      ).isUnclear)
  }

  /// The Sync sent before the data is passed over, and another ends the batch.
  @Test func aBatchThatCopiesNeedsASyncOfItsOwn() {
    let copied = after(
      .client(.parse), .client(.bind), .client(.execute), .client(.sync), .server(.copyInResponse),
      .client(.copyData), .client(.copyDone))
    #expect(copied.mayPass)
    var ended = copied
    ended.sent(.sync)
    #expect(!ended.mayPass)
    ended.received(.readyForQuery)
    #expect(ended.isIdle)
  }
}
