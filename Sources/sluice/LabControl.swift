internal import ArgumentParser
internal import Terms
internal import VitessClient

/// The control page of a lab that runs somewhere on this machine.
struct LabControl: ParsableArguments {
  static let standard = Address(host: "127.0.0.1", port: 14900)

  @Option(
    help: ArgumentHelp(
      "The control page of the lab. (default: \(standard))", valueName: "host:port"),
    transform: Address.argument)
  var control: Address?

  /// Asks for a page, or has a command carried out, and prints what comes back.
  func send(_ request: ControlPage.Request, to path: String) async throws {
    try await ControlPage(
      address: control ?? Self.standard,
      hint: "; --control says where the lab's control page is"
    ).send(request, to: path.percentEncoded)
  }
}
