internal import CBuild

/// Which release this is, and which build of it.
enum ProgramVersion {
  static let release = "0.1.0"

  /// `0.1.0 (v0.1.0-12-g92bc39c, 2026-11-27)`.
  static var words: String {
    let (description, date) = (String(cString: build_description), String(cString: build_date))
    guard !description.isEmpty else { return "\(release) (commit not known: built without make)" }
    return "\(release) (\(description), \(date))"
  }
}
