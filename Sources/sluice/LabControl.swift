internal import ArgumentParser
internal import TerminalKit
internal import Terms
internal import VitessClient
internal import Wording

/// The control page of a lab that runs somewhere on this machine.
struct LabControl: ParsableArguments {
  static let standard = Address(host: "127.0.0.1", port: 14900)

  @Option(
    help: ArgumentHelp(
      "The control page of the lab. (default: \(standard))", valueName: "host:port"))
  var control: Address?

  /// How long a command may take: a reparent waits for its replicas.
  private static let patience: Duration = .seconds(120)

  /// Asks for a page, or has a command carried out, and prints what comes back; ends with 1 where the
  /// lab refuses it.
  ///
  /// `parameters`: nil only asks.
  func ask(_ path: String, _ parameters: [(name: String, value: String)]? = nil) async throws {
    let fetcher = HTTPFetcher()
    let query = (parameters ?? []).map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
    let url =
      (control ?? Self.standard).url("/\(path.percentEncoded)")
      + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    let page: HTTPFetcher.Page
    do {
      page = try await fetcher.call(
        url, body: parameters == nil ? nil : "", within: Self.patience)
    } catch {
      await fetcher.shutdown()
      warn("\(Wording().words(error)); --control says where the lab's control page is")
      throw ExitCode.failure
    }
    await fetcher.shutdown()
    let lines = page.text.split(separator: "\n").map { String($0).safe(limit: 4000) }
    guard page.status == 200 else {
      for line in lines { warn(line) }
      throw ExitCode.failure
    }
    for line in lines { StandardOutput.say(line) }
  }
}
