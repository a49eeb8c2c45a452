internal import Actions
internal import FoundationEssentials
internal import Synchronization
internal import Terms
internal import Wording

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The record of everything done to a cluster: one JSON object per line, appended and never
/// changed.
///
/// Each request has a line before it is sent, flushed to disk, one for what came of it, and more
/// for what was seen afterwards if that leaves a question. If a line cannot be written, nothing is
/// sent.
package final class AuditLog: Sendable {
  package struct Unwritable: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// One line.
  struct Entry: Encodable, Equatable {
    enum Phase: String, Encodable {
      case intent, result
      /// What was seen afterwards, when the result alone does not say how things stand.
      case observed
    }

    let version = 1
    /// The same for all lines of a request.
    let request: String
    var phase: Phase
    /// RFC 3339, UTC.
    var at: String
    let who: String
    let program = "sluice"
    /// The operator's name for the fleet.
    let cluster: String
    /// The whole action in words.
    let action: String
    let server: String
    /// The full name of the call, or the HTTP request's line.
    let call: String
    /// The request as it is sent.
    var body: String?
    var outcome: String?
    /// The server's words.
    var answer: String?
  }

  /// Nil when nothing says where it should be.
  private let file: OwnFile?
  private let cluster: String
  /// The operator's name and host: `anna@bastion`.
  package let who: String
  private let number = Mutex(0)
  /// Tells runs apart.
  private let run: String

  /// `path`: see ``defaultPath(_:)``; `cluster`: the operator's name for the fleet.
  package init(path: String?, cluster: String) {
    file = path.map { OwnFile($0, for: .record) }
    self.cluster = cluster
    who = Self.operatorName
    run = "\(getpid())-\(UInt32.random(in: .min ... .max))"
  }

  /// `$XDG_STATE_HOME/sluice/audit.jsonl`, or the same below `~/.local/state`; nil when neither is
  /// an absolute path.
  package static func defaultPath(_ environment: (String) -> String?) -> String? {
    StateFolder.path(environment).map { "\($0)/audit.jsonl" }
  }

  /// Opens the log and closes it again, so that an operator learns early if it cannot be written.
  package func probe() throws(Unwritable) { close(try open()) }

  /// Notes that a request is about to be sent.
  func intend(
    _ action: Action, server: String, call: String, body: String?, at now: Instant
  ) throws(Unwritable) -> Entry {
    let count = number.withLock { number in
      number += 1
      return number
    }
    let entry = Entry(
      request: "\(run)-\(count)", phase: .intent, at: now.rfc3339, who: who,
      cluster: cluster, action: Wording().sentence(action), server: server, call: call,
      body: body)
    try append(entry)
    return entry
  }

  /// Notes what came of a request.
  func conclude(
    _ intent: Entry, _ outcome: ActionReport.Outcome, _ answer: String, at now: Instant
  ) throws(Unwritable) {
    var entry = intent
    entry.phase = .result
    entry.at = now.rfc3339
    entry.body = nil
    entry.outcome = outcome.rawValue
    entry.answer = answer
    try append(entry)
  }

  /// Notes what was seen after a request.
  func observe(_ intent: Entry, _ words: String, at now: Instant) throws(Unwritable) {
    var entry = intent
    entry.phase = .observed
    entry.at = now.rfc3339
    entry.body = nil
    entry.answer = words
    try append(entry)
  }

  private func append(_ entry: Entry) throws(Unwritable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(entry) else {
      throw Unwritable(description: "the audit line cannot be encoded")
    }
    let line = String(decoding: json, as: UTF8.self).harmlessJSON + "\n"
    let file = try open()
    defer { close(file) }
    // A line that a full disk cut off must not ruin this one as well.
    let bytes = (Self.endsInLine(file) ? [] : [UInt8(ascii: "\n")]) + Array(line.utf8)
    // A single write, so that lines of two programs never mix.
    let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    let code = written < 0 ? errno : ENOSPC
    guard written == bytes.count else { throw failure("write", String(cString: strerror(code))) }
    guard fsync(file) == 0 else { throw failure("write", String(cString: strerror(errno))) }
  }

  private static func endsInLine(_ file: Int32) -> Bool {
    let size = lseek(file, 0, SEEK_END)
    var last: UInt8 = 0
    return size <= 0 || pread(file, &last, 1, size - 1) != 1 || last == UInt8(ascii: "\n")
  }

  private func open() throws(Unwritable) -> Int32 {
    guard let file else {
      throw Unwritable(
        description: "no place for the audit log: neither --audit-log, XDG_STATE_HOME nor HOME says"
      )
    }
    do throws(OwnFile.Failure) {
      return try file.open()
    } catch {
      throw failure("open", error.description)
    }
  }

  private func failure(_ step: String, _ reason: String) -> Unwritable {
    Unwritable(description: "cannot \(step) the audit log \(file?.path ?? ""): \(reason)")
  }

  private static var operatorName: String {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let name = String(
      decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
    return "\(user)@\(name)"
  }
}
