package import Recording
package import Terms

/// Makes the file of a recording when one is asked for on the screen.
package struct Recordings: Sendable {
  private let folder: RecordingFolder
  private let info: @Sendable (_ began: Instant) -> RecordingInfo

  /// `info`: of a recording that begins at a moment.
  package init(
    in folder: RecordingFolder, _ info: @escaping @Sendable (_ began: Instant) -> RecordingInfo
  ) {
    self.folder = folder
    self.info = info
  }

  /// `now`: what the file is named by; `start`: when what is in it begins.
  @concurrent func make(at now: Instant, from start: Instant) async throws(RecordingFault)
    -> Recorder
  {
    try folder.make()
    return try Recorder(folder.file(at: now), info(start))
  }
}
