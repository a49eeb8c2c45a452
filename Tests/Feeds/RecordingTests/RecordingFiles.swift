import Foundation
import Recording
import Synchronization
import Terms
import Testing

/// A folder for the recordings of one test.
final class RecordingFiles {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "sluice-recordings-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String = "a.sluice") -> String { folder.appending(path: name).path }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }

  /// Records steps, a batch every few of them, and closes the file.
  @discardableResult
  func record(_ steps: [RecordedStep], as name: String = "a.sluice") async throws -> String {
    let recorder = try Recorder(path(name), InventedCluster.info, pause: .milliseconds(5))
    for (number, step) in steps.enumerated() {
      recorder.take(step)
      if number % 40 == 39 { try await Task.sleep(for: .milliseconds(7)) }
    }
    await recorder.finish()
    #expect(recorder.fault == nil)
    return path(name)
  }

  static func steps(_ path: String) throws -> (steps: [RecordedStep], damage: RecordingFault?) {
    var reader = try RecordingReader(path)
    var steps: [RecordedStep] = []
    while let more = reader.next() { steps += more }
    return (steps, reader.damage)
  }
}
