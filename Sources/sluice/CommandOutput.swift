internal import Discovery
internal import Dispatch
internal import FleetModel
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

  let source = ServerSource.command
  let pause: Duration
  private let command: String
  private let deadline: Duration
  private let text: ServerListText
  private var last: String?

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
    let result: Result<String, DiscoveryFault> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        do throws(DiscoveryFault) {
          continuation.resume(returning: .success(try Self.run(command, within: deadline)))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    let output = try result.get()
    guard output != last else { return nil }
    // One that is not understood is wrong again at the next look.
    let list = try text.read(output)
    last = output
    return list
  }

  private static func run(
    _ command: String, within deadline: Duration
  ) throws(DiscoveryFault) -> String {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw DiscoveryFault(place, "too many files are open") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    defer { close(ends[0]) }
    let child = ShellCommand(command).start(input: nil, output: ends[1])
    close(ends[1])
    guard let child else { throw DiscoveryFault(place, "it cannot be started") }
    defer { kill(-child, SIGKILL) }
    let end = ContinuousClock.now + deadline
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var status: Int32 = 0
    var hasEnded = false
    while true {
      let count = read(ends[0], &chunk, chunk.count)
      if count > 0 {
        output += chunk.prefix(count)
        guard output.count <= sizeLimit else {
          kill(-child, SIGKILL)
          waitpid(child, &status, 0)
          throw DiscoveryFault(place, "it prints more than \(sizeLimit >> 20) MiB")
        }
        continue
      }
      // What it has left in the background may hold the pipe open.
      if hasEnded { break }
      if waitpid(child, &status, WNOHANG) != 0 {
        hasEnded = true
        continue
      }
      guard ContinuousClock.now < end else {
        kill(-child, SIGKILL)
        waitpid(child, &status, 0)
        throw DiscoveryFault(place, "it has not ended within \(deadline.goText)")
      }
      usleep(20_000)
    }
    guard status == 0 else {
      throw DiscoveryFault(place, words(status))
    }
    return String(decoding: output, as: UTF8.self)
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
