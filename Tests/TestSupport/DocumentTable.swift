internal import Foundation
internal import Testing

/// Compares what stands between two marks of a document with what the program has.
///
/// `RECORD_GOLDENS=1` writes it anew.
package func expectTable(_ text: String, of subject: String, in path: String) throws {
  let (begin, end) = ("<!-- \(subject) -->\n", "<!-- end of \(subject) -->\n")
  let file = Fixtures.checkout.appending(path: path)
  let document = try String(contentsOf: file, encoding: .utf8)
  let start = try #require(document.range(of: begin)).upperBound
  let rest = try #require(document.range(of: end)).lowerBound
  guard ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == nil else {
    guard document[start..<rest] != text else { return }
    let new = document[..<start] + text + document[rest...]
    try String(new).write(to: file, atomically: true, encoding: .utf8)
    Issue.record("wrote \(path) anew: look at it with git diff")
    return
  }
  #expect(String(document[start..<rest]) == text, "\(path): make goldens writes it anew")
}
