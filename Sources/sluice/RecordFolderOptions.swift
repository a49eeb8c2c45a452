internal import ArgumentParser

/// Where recordings go that are made day by day, and how long they stay.
struct RecordFolderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder for the files of sluice record; it must be there.", valueName: "folder"),
    completion: .directory)
  var into = "."

  @Option(
    name: .customLong("keep"),
    help: ArgumentHelp(
      "Remove this cluster's files after this time, such as 336h.", valueName: "duration"))
  var age: TimeArgument?

  @Option(
    name: .customLong("keep-size"),
    help: ArgumentHelp(
      "Remove its oldest files beyond this size of all together.", valueName: "MiB"))
  var size: Int?

  func validate() throws {
    if let size, !(1...1 << 30).contains(size) {
      throw ValidationError("--keep-size must be 1 to \(1 << 30)")
    }
    if let age, age.duration <= .zero { throw ValidationError("--keep must be more than 0") }
  }
}
