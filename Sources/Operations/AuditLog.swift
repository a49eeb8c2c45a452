internal import Actions
internal import FleetModel
internal import FoundationEssentials
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The record of everything that was done to a cluster: a JSON object a line, appended, never changed.
///
/// Each request has a line before it is sent, flushed to the disk, and one for what came of it. Where a
/// line cannot be written nothing is sent.
package final class AuditLog: Sendable {
  package struct Unwritable: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// One line.
  struct Entry: Encodable, Equatable {
    enum Phase: String, Encodable { case intent, result }

    let version = 1
    /// The same for both lines of a request.
    let request: String
    var phase: Phase
    /// RFC 3339, UTC.
    var at: String
    let who: String
    let program = "sluice"
    /// What the operator calls the fleet.
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

  /// Under this name a report says that a result could not be written.
  static let subject = "audit log"

  package let path: String
  private let cluster: String
  private let who: String
  private let number = Mutex(0)
  /// Tells the runs apart.
  private let run: String

  /// `cluster`: what the operator calls the fleet.
  package init(path: String, cluster: String) {
    self.path = path
    self.cluster = cluster
    who = Self.operatorName
    run = "\(getpid())-\(UInt32.random(in: .min ... .max))"
  }

  /// `$XDG_STATE_HOME/sluice/audit.jsonl`, or the same below `~/.local/state`.
  package static func defaultPath(_ environment: (String) -> String?) -> String {
    let state =
      environment("XDG_STATE_HOME").flatMap { $0.isEmpty ? nil : $0 }
      ?? "\(environment("HOME") ?? ".")/.local/state"
    return "\(state)/sluice/audit.jsonl"
  }

  /// Opens the log and closes it again, so that an operator learns early that it cannot be written.
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
      request: "\(run)-\(count)", phase: .intent, at: Self.stamp(now), who: who,
      cluster: cluster, action: action.sentence, server: server, call: call,
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
    entry.at = Self.stamp(now)
    entry.body = nil
    entry.outcome = outcome.rawValue
    entry.answer = answer
    try append(entry)
  }

  private func append(_ entry: Entry) throws(Unwritable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard var line = try? encoder.encode(entry) else {
      throw Unwritable(description: "the audit line cannot be encoded")
    }
    line.append(UInt8(ascii: "\n"))
    let file = try open()
    defer { close(file) }
    let bytes = Array(line)
    // One write: lines of two programs never mix.
    let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    guard written == bytes.count, fsync(file) == 0 else { throw failure("write") }
  }

  private func open() throws(Unwritable) -> Int32 {
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    if !folder.isEmpty {
      try? FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    }
    let file = systemOpen(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("open") }
    return file
  }

  private func failure(_ step: String) -> Unwritable {
    Unwritable(
      description: "cannot \(step) the audit log \(path): \(String(cString: strerror(errno)))")
  }

  private static var operatorName: String {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let name = String(
      decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
    return "\(user)@\(name)"
  }

  private static func stamp(_ instant: Instant) -> String {
    Date(timeIntervalSince1970: instant.secondsSinceEpoch).formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}

/// `open` of the C library: the log has a method of that name.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}
