internal import Operations
internal import Reporting
internal import TerminalKit
internal import Terms
internal import Wording

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

  /// Writes a canvas, as `sluice-20261127-140322.txt` and `.html`, and a report beside it, as
  /// `-report.html` and `-report.md`.
  ///
  /// `cluster`: the operator's name for the fleet; `utcOffset`: seconds to add to UTC. `report`: nil for
  /// none; `mask`: what stands in for hosts in it.
  /// - Returns: what precedes the endings.
  func write(
    _ canvas: Canvas, _ styles: StyleSheet, of cluster: String, at now: Instant, utcOffset: Int,
    reporting report: Report?, mask: HostMask?
  ) async throws(NewFiles.Failure) -> String {
    let clock = UTCTime(now + .seconds(utcOffset))
    let page = canvas.html(title: "sluice: \(cluster), \(clock.date) \(clock.time)", styles: styles)
    let text = canvas.lines.map { "\($0)\n" }.joined()
    let (date, time) = (clock.date.filter(\.isNumber), clock.time.filter(\.isNumber))
    var contents = [(".txt", text), (".html", page)]
    if let report {
      contents += [
        ("-report.html", HTMLPage.of(report, mask: mask)),
        ("-report.md", MarkdownText.of(report, mask: mask)),
      ]
    }
    return try await files.write(
      contents.map { (ending: $0.0, bytes: Array($0.1.utf8)) }, named: "sluice-\(date)-\(time)")
  }
}
