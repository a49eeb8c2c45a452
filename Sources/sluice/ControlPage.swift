internal import Actions
internal import ArgumentParser
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import VitessClient
internal import Wording

/// The page of a server of ours that takes commands, a lab's or a proxy's.
struct ControlPage {
  static let exitStatuses = """
    The exit status is 1 when it is refused or nobody is there to be asked, and 4 when no answer came: then \
    it may have been done.
    """

  let address: Address
  var access = HTTPAccess()
  /// What is said behind the reason where nobody answers.
  var hint = ""

  /// How long a command may take.
  var patience: Duration = .seconds(120)

  enum Request {
    /// How things stand; nothing is changed.
    case status
    case command([URLParameter])

    fileprivate var isCommand: Bool {
      switch self {
      case .status: false
      case .command: true
      }
    }

    fileprivate var query: String {
      guard case .command(let parameters) = self else { return "" }
      return parameters.query
    }
  }

  /// Asks for a page, or has a command carried out, and prints what comes back; ends with 1 where it is
  /// refused, and as an action does whose outcome is unknown where no answer comes.
  func send(_ request: Request, to path: String) async throws {
    let fetcher = HTTPFetcher(access)
    let page: HTTPFetcher.Page
    do {
      page = try await fetcher.call(
        address.url("/\(path)\(request.query)"), to: address, body: request.isCommand ? "" : nil,
        within: patience)
    } catch {
      await fetcher.shutdown()
      warn(Wording().words(error) + hint)
      guard request.isCommand, error.kind == .lost else { throw ExitCode.failure }
      warn("it may have been carried out: ask before you go on")
      throw ExitCode(ActOptions.status(.unknown))
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
