package import NIOCore

/// What a session has made of itself: what a new server has to be told before the session can go on
/// there, and what ties it to the one that it has.
///
/// It follows the messages of both sides. What a statement leaves behind counts once the server has
/// said that it is done, and where it is transactional once the transaction is.
package struct CarriedState: Sendable {
  /// How much of statements is kept for a new server, in bytes.
  private static let keptLimit = 1024 * 1024
  /// Answers that are awaited at a time, but for those that leave nothing.
  private static let expectedLimit = 10_000
  /// What a server takes of a statement's name, in bytes (`NAMEDATALEN`).
  private static let nameLimit = 63

  private enum Prepared: Sendable {
    /// A Parse message.
    case message(ByteBuffer)
    case statement(String)

    var size: Int {
      switch self {
      case .message(let bytes): bytes.readableBytes
      case .statement(let text): text.utf8.count
      }
    }
  }

  /// An answer that the server owes, and what it will mean.
  private enum Expected: Sendable {
    /// `message`: nil where it is too much to be kept; `isNew`: there was none of that name.
    case parsed(name: String, message: ByteBuffer?, effects: [SessionEffect], isNew: Bool)
    case closed(statement: String?)
    case done([SessionEffect])
    /// So many statements in a row that leave nothing.
    case doneWithoutEffect(Int)
  }

  package private(set) var pins: Set<Pin> = []
  /// Where its transaction stands, as the server said last.
  package private(set) var transaction = TransactionStatus.idle
  private var settings: [(name: String, text: String)] = []
  private var prepared: [String: Prepared] = [:]
  private var keptBytes = 0
  /// What executing a statement that the client has prepared will leave behind.
  private var effects: [String: [SessionEffect]] = [:]
  private var portals: [String: [SessionEffect]] = [:]
  private var expected: ArraySlice<Expected> = []
  /// Of messages among what is expected.
  private var expectedBytes = 0
  /// What counts once the transaction is committed.
  private var staged: [SessionEffect] = []
  /// Of settings among it.
  private var stagedBytes = 0
  private var hasFailed = false
  /// `standard_conforming_strings` is off.
  private var isBackslashEscape = false

  package init() {}

  /// Whether the client has said by itself which of its transactions may write.
  package var choosesReadOnly: Bool {
    settings.contains {
      $0.name.contains("read_only") || $0.name.lowercased().contains("read only")
    }
      || pins.contains(.functionSettings)
  }

  // MARK: What is sent

  /// Takes note of a client's message that goes to the server.
  ///
  /// One that is cut short leaves nothing behind: the server says so, and passes over what follows.
  package mutating func sent(_ frame: Frame<FrontendKind>) throws(ProtocolViolation) {
    var body = frame.body
    switch frame.kind {
    case .query: try expect(query: body)
    case .parse: try expect(parse: &body, frame.bytes)
    case .bind:
      guard let portal = body.readNullTerminatedString(), let name = Self.statement(&body) else {
        return
      }
      let left = effects[name] ?? []
      portals[portal] = left.isEmpty ? nil : left
    case .execute:
      guard let portal = body.readNullTerminatedString() else { return }
      try expect(done: portals[portal] ?? [])
    case .close:
      let isStatement = body.readInteger() == UInt8(ascii: "S")
      guard let name = Self.statement(&body) else { return }
      try expect(.closed(statement: isStatement ? name : nil))
    case .describe, .flush, .sync, .functionCall, .terminate, .copyData, .copyDone, .copyFail,
      .password:
      break
    }
  }

  private mutating func expect(query body: ByteBuffer) throws(ProtocolViolation) {
    let text = body.getSlice(at: body.readerIndex, length: max(0, body.readableBytes - 1))
    for effects in StatementReader.effects(
      of: text ?? ByteBuffer(), isBackslashEscape: isBackslashEscape)
    {
      try expect(done: effects)
    }
  }

  private mutating func expect(
    parse body: inout ByteBuffer, _ message: ByteBuffer
  ) throws(ProtocolViolation) {
    guard let name = Self.statement(&body),
      let end = body.readableBytesView.firstIndex(of: 0),
      let text = body.readSlice(length: end - body.readerIndex)
    else { return }
    let left = StatementReader.effects(of: text, isBackslashEscape: isBackslashEscape)
      .flatMap { $0 }
    // A session that stays where it is need not know.
    guard !pins.contains(.tooMuch) else { return try expect(done: []) }
    let isNew = effects[name] == nil
    if isNew || name.isEmpty { effects[name] = left }
    // The unnamed one is of this moment only.
    guard !name.isEmpty else { return try expect(done: []) }
    let isKept = expectedBytes + message.readableBytes <= Self.keptLimit
    if isKept { expectedBytes += message.readableBytes }
    try expect(
      .parsed(name: name, message: isKept ? message : nil, effects: left, isNew: isNew))
  }

  /// Reads the name of a statement as a server tells it from others; nil where it is cut short.
  private static func statement(_ body: inout ByteBuffer) -> String? {
    guard let name = body.readNullTerminatedString() else { return nil }
    guard name.utf8.count > nameLimit else { return name }
    return String(decoding: name.utf8.prefix(nameLimit), as: UTF8.self)
  }

  private mutating func expect(done effects: [SessionEffect]) throws(ProtocolViolation) {
    guard effects.isEmpty else { return try expect(.done(effects)) }
    // Pipelines may be thousands of messages long.
    if case .doneWithoutEffect(let count) = expected.last {
      expected[expected.index(before: expected.endIndex)] = .doneWithoutEffect(count + 1)
    } else {
      try expect(.doneWithoutEffect(1))
    }
  }

  private mutating func expect(_ answer: Expected) throws(ProtocolViolation) {
    guard expected.count < Self.expectedLimit else {
      throw ProtocolViolation("too many messages were sent without a Sync")
    }
    expected.append(answer)
  }

  // MARK: What is answered

  /// Takes note of a server's message.
  package mutating func received(_ frame: Frame<BackendKind>) throws(ProtocolViolation) {
    switch frame.kind {
    case .parseComplete, .closeComplete, .emptyQueryResponse, .portalSuspended: settle()
    case .commandComplete: settle(tag: String(buffer: frame.body))
    case .errorResponse:
      awaitNothing()
      hasFailed = true
    case .readyForQuery: try settle(frame.body)
    case .parameterStatus:
      var body = frame.body
      reported(try Startup.Parameter(reading: &body))
    default: break
    }
  }

  /// Takes note of how its server is set.
  package mutating func reported(_ parameter: Startup.Parameter) {
    if parameter.name == "standard_conforming_strings" {
      isBackslashEscape = parameter.value == "off"
    }
  }

  private mutating func settle(tag: String = "") {
    switch nextExpected() {
    case .parsed(let name, let message, let effects, _):
      self.effects[name] = effects
      guard let message else { return giveUpKeeping() }
      expectedBytes -= message.readableBytes
      // A copy, so that the message's neighbours need not be kept with it.
      keep(name, .message(ByteBuffer(bytes: message.readableBytesView)))
    case .closed(let statement?): drop(statement)
    case .done(let effects):
      end(tag, isToSavepoint: effects.contains(.rollBackToSavepoint))
      for effect in effects { take(effect) }
    case .doneWithoutEffect: end(tag, isToSavepoint: false)
    case .closed(nil), nil: break
    }
  }

  /// Nothing more of what was sent is answered.
  private mutating func awaitNothing() {
    for case .parsed(let name, _, _, true) in expected { effects[name] = nil }
    expected = []
    expectedBytes = 0
  }

  private mutating func nextExpected() -> Expected? {
    guard case .doneWithoutEffect(let count)? = expected.first, count > 1 else {
      return expected.popFirst()
    }
    expected[expected.startIndex] = .doneWithoutEffect(count - 1)
    return .doneWithoutEffect(1)
  }

  /// COMMIT and ROLLBACK: what the server has really done, not what it was asked for.
  private mutating func end(_ tag: String, isToSavepoint: Bool) {
    if tag.hasPrefix("COMMIT\0") { applyStaged() }
    if tag.hasPrefix("ROLLBACK\0"), !isToSavepoint { dropStaged() }
  }

  private mutating func take(_ effect: SessionEffect) {
    if effect == .rollBackToSavepoint, staged.isEmpty { return }
    guard effect.isTransactional else { return apply(effect) }
    if case .set(_, let text) = effect {
      stagedBytes += text.utf8.count
      guard stagedBytes <= Self.keptLimit else { return giveUpKeeping() }
    }
    staged.append(effect)
  }

  private mutating func dropStaged() {
    staged = []
    stagedBytes = 0
  }

  private mutating func settle(_ body: ByteBuffer) throws(ProtocolViolation) {
    guard let byte: UInt8 = body.getInteger(at: body.readerIndex),
      let status = TransactionStatus(rawValue: byte)
    else { throw ProtocolViolation("there is no such state of a transaction") }
    transaction = status
    awaitNothing()
    if status == .idle {
      if hasFailed { dropStaged() } else { applyStaged() }
      portals = [:]
    }
    hasFailed = false
  }

  private mutating func applyStaged() {
    let effects = staged
    dropStaged()
    for effect in effects { apply(effect) }
  }

  private mutating func apply(_ effect: SessionEffect) {
    switch effect {
    case .set(let name, let text):
      forget(name)
      settings.append((name, text))
      grow(by: text.utf8.count)
    case .reset(let name?): forget(name)
    case .reset(nil):
      // Who one is, is reset by name only.
      for setting in settings where !["role", "session_authorization"].contains(setting.name) {
        forget(setting.name)
      }
    case .prepare(let name, let text): keep(name, .statement(text))
    case .deallocate(let name?): drop(name)
    case .deallocate(nil): for name in prepared.keys { drop(name) }
    case .discardAll: discard()
    case .pin(let pin): pins.insert(pin)
    case .unpin(let pin): pins.remove(pin)
    case .rollBackToSavepoint: pins.insert(.savepoint)
    }
  }

  private mutating func discard() {
    let before = self
    self = CarriedState()
    transaction = before.transaction
    expected = before.expected
    expectedBytes = before.expectedBytes
    isBackslashEscape = before.isBackslashEscape
  }

  // MARK: What is kept

  private mutating func forget(_ setting: String) {
    settings.removeAll { known in
      guard known.name == setting else { return false }
      keptBytes -= known.text.utf8.count
      return true
    }
  }

  private mutating func keep(_ name: String, _ statement: Prepared) {
    guard !pins.contains(.tooMuch) else { return }
    keptBytes -= prepared[name]?.size ?? 0
    prepared[name] = statement
    grow(by: statement.size)
  }

  private mutating func drop(_ name: String) {
    effects[name] = nil
    keptBytes -= prepared.removeValue(forKey: name)?.size ?? 0
  }

  /// What does not fit is not carried, and the session stays where it is.
  private mutating func grow(by size: Int) {
    keptBytes += size
    if keptBytes > Self.keptLimit { giveUpKeeping() }
  }

  private mutating func giveUpKeeping() {
    pins.insert(.tooMuch)
    settings = []
    prepared = [:]
    effects = [:]
    keptBytes = 0
  }

  // MARK: On a new server

  /// What makes the session again on a server that knows nothing of it, and how many
  /// ReadyForQuery will come of it.
  package var replay: (messages: ByteBuffer, answers: Int) {
    var buffer = ByteBuffer()
    var answers = 0
    var statements = settings.map(\.text)
    let prepared = self.prepared.sorted { $0.key < $1.key }.map(\.value)
    for case .statement(let text) in prepared { statements.append(text) }
    if !statements.isEmpty {
      // A statement may end in a comment that a line ends.
      buffer.write(FrontendKind.query) { $0.writeTerminated(statements.joined(separator: "\n;\n")) }
      answers += 1
    }
    let parses = prepared.compactMap { statement in
      if case .message(let bytes) = statement { bytes } else { nil }
    }
    if !parses.isEmpty {
      for bytes in parses { buffer.writeImmutableBuffer(bytes) }
      buffer.write(FrontendKind.sync)
      answers += 1
    }
    return (buffer, answers)
  }
}

/// What a ReadyForQuery says.
package enum TransactionStatus: UInt8, Sendable {
  case idle = 0x49  // I
  case open = 0x54  // T
  /// Failed, and waiting for its end.
  case failed = 0x45  // E
}
