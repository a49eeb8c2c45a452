internal import ArgumentParser

/// How long a single look at a cluster may take.
struct LookOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How long to wait for answers at most.", valueName: "duration"))
  var wait = Interval(duration: .seconds(3))

  func validate() throws { try wait.check("--wait") }
}
