internal import Operations
internal import TerminalKit
internal import Terms

/// Saves what is on the screen in files: as text, and as a page with its colours.
package struct Screenshots: Sendable {
  /// As given.
  let folder: String
  private let files: NewFiles

  /// `folder`: where they go.
  package init(in folder: String) {
    self.folder = folder
    files = NewFiles(in: folder)
  }

  /// Writes a canvas, as `sluice-20261127-140322.txt` and `.html`.
  ///
  /// `cluster`: the operator's name for the fleet; `utcOffset`: seconds to add to UTC.
  /// - Returns: what precedes the endings.
  func write(
    _ canvas: Canvas, _ styles: StyleSheet, of cluster: String, at now: Instant, utcOffset: Int
  ) async throws(NewFiles.Failure) -> String {
    let clock = UTCTime(now + .seconds(utcOffset))
    let page = canvas.html(title: "sluice: \(cluster), \(clock.date) \(clock.time)", styles: styles)
    let text = canvas.lines.map { "\($0)\n" }.joined()
    let (date, time) = (clock.date.filter(\.isNumber), clock.time.filter(\.isNumber))
    return try await files.write(
      [".txt": Array(text.utf8), ".html": Array(page.utf8)], named: "sluice-\(date)-\(time)")
  }
}
