internal import Discovery
internal import Dispatch
internal import FleetModel
internal import Settings
internal import TerminalKit
internal import Terms

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What a command prints, as a file would say it.
struct CommandOutput: DiscoverySource {
  /// More than any list of a fleet.
  private static let sizeLimit = 16 << 20
  /// The end of its standard error that is kept, in bytes, and what is told of it, in characters.
  private static let complaintLimit = 4096
  private static let complaintLength = 200

  let source = ServerSource.command
  let pause: Duration
  private let command: String
  private let deadline: Duration
  private let text: ServerListText
  private var last: Said?

  /// `clusters`: as in ``ServerListText``; `deadline`: how long a run may take, after which it is ended
  /// with its children.
  init(
    _ command: String, for clusters: Set<String> = [], pause: Duration = .seconds(30),
    deadline: Duration = .seconds(10)
  ) {
    self.command = command
    self.pause = pause
    self.deadline = deadline
    text = ServerListText(at: Self.place, for: clusters)
  }

  private static let place = "--discover-command"

  @concurrent mutating func look() async throws(DiscoveryFault) -> ServerList? {
    let (command, deadline) = (command, deadline)
    let result: Result<Said, DiscoveryFault> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        do throws(DiscoveryFault) {
          continuation.resume(returning: .success(try Self.run(command, within: deadline)))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    let said = try result.get()
    // A complaint may hold the time of day.
    guard said.output != last?.output || (said.complaint == nil) != (last?.complaint == nil) else {
      return nil
    }
    // One that is not understood is wrong again at the next look.
    var list: ServerList
    do throws(DiscoveryFault) { list = try text.read(said.output) } catch {
      throw DiscoveryFault(error.place, said.explaining(error.reason))
    }
    if let complaint = said.complaint {
      list.remarks.append("\(Self.place): it complains: \(complaint)")
    }
    last = said
    return list
  }

  /// What a command has said.
  private struct Said {
    let output: String
    /// The last line of its standard error; nil where there is none.
    let complaint: String?

    func explaining(_ reason: String) -> String {
      complaint.map { "\(reason), and complained: \($0)" } ?? reason
    }
  }

  private static func run(
    _ command: String, within deadline: Duration
  ) throws(DiscoveryFault) -> Said {
    guard let output = ChildStream(), let errors = ChildStream() else {
      throw DiscoveryFault(place, "too many files are open")
    }
    let child = ShellCommand(command).start(output: output.writing, errors: errors.writing)
    output.closeWriting()
    errors.closeWriting()
    guard let child else { throw DiscoveryFault(place, "it cannot be started") }
    var status: Int32 = 0
    func end() {
      kill(-child, SIGKILL)
      waitpid(child, &status, 0)
    }
    defer { kill(-child, SIGKILL) }
    let limit = ContinuousClock.now + deadline
    var hasEnded = false
    while true {
      let saysMore = [
        output.take(keeping: sizeLimit + 1), errors.take(keeping: complaintLimit),
      ].contains(true)
      guard output.bytes.count <= sizeLimit else {
        end()
        throw DiscoveryFault(place, "it prints more than \(sizeLimit >> 20) MiB")
      }
      guard ContinuousClock.now < limit else {
        end()
        throw fault("it has not ended within \(deadline.goText)", output, errors)
      }
      if saysMore { continue }
      // What it has left in the background may hold the pipes open.
      if hasEnded { break }
      if waitpid(child, &status, WNOHANG) != 0 { hasEnded = true } else { usleep(20_000) }
    }
    guard status == 0 else { throw fault(words(status), output, errors) }
    return said(output, errors)
  }

  private static func said(_ output: ChildStream, _ errors: ChildStream) -> Said {
    let lines = String(decoding: errors.bytes, as: UTF8.self)
      .split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
    return Said(
      output: String(decoding: output.bytes, as: UTF8.self),
      complaint: lines.last { !$0.isEmpty }.map {
        String($0).withoutPasswords.safe(limit: complaintLength)
      })
  }

  private static func fault(
    _ reason: String, _ output: ChildStream, _ errors: ChildStream
  ) -> DiscoveryFault {
    DiscoveryFault(place, said(output, errors).explaining(reason))
  }

  /// `status`: as `waitpid` tells it.
  private static func words(_ status: Int32) -> String {
    let signal = status & 0x7F
    guard signal == 0 else { return "it was ended by signal \(signal)" }
    let code = status >> 8 & 0xFF
    // POSIX, Shell Command Language, section 2.8.2.
    let meaning = [126: ": it cannot be executed", 127: ": there is no such command"][code] ?? ""
    return "it ended with status \(code)\(meaning)"
  }
}

/// What a child writes to one of its streams.
private final class ChildStream {
  private let reading: Int32
  private(set) var writing: Int32
  private(set) var bytes: [UInt8] = []
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)

  /// Nil where no more files can be opened.
  init?() {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    closeWriting()
  }

  /// Once the child has this end, so that the other one tells when the child closes it.
  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  /// Reads what there is, of which the last so many bytes stay; returns whether there was any.
  func take(keeping limit: Int) -> Bool {
    let count = read(reading, &chunk, chunk.count)
    guard count > 0 else { return false }
    bytes += chunk.prefix(count)
    if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
    return true
  }
}
