import FleetModel
import Foundation
import Importing
import Recording
import Terms
import TestSupport
import Watching

/// A folder of saved answers, and the recording that is made of it.
final class SavedFiles {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "sluice-import-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: saved, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var saved: URL { folder.appending(path: "saved") }

  func save(_ text: String, _ server: String, _ name: String) throws {
    try save(Data(text.utf8), server, name)
  }

  func save(_ data: Data, _ server: String, _ name: String) throws {
    let server = saved.appending(path: server)
    try FileManager.default.createDirectory(at: server, withIntermediateDirectories: true)
    try data.write(to: server.appending(path: name))
  }

  /// Saves what a timeline of a real cluster holds, as `curl` in a loop would have saved it.
  ///
  /// `every`: how many of its answers there are to one that is saved, beginning with `offset`.
  func save(timeline: String, every stride: Int = 1, offset: Int = 0) throws {
    for (index, line) in try Fixtures.objects(timeline).enumerated() {
      guard index % stride == offset, let at = line["t"] as? Double else { continue }
      let vtgate = line["vtgate"] as? [String: Any]
      let tablets = line["tablets"] as? [String: [String: Any]] ?? [:]
      // What answered nothing left an empty file.
      try save(Self.body(vtgate), "vtgate-10.0.0.9:15001", "\(at).prom")
      for (uid, pages) in tablets {
        guard let metrics = pages["metrics"] as? [String: Any] else { continue }
        try save(Self.body(metrics), "vttablet-10.0.0.\(uid)_15100", "\(at).prom")
      }
    }
  }

  private static func body(_ answer: [String: Any]?) -> String {
    let lines = ["lines", "other"].flatMap { answer?[$0] as? [String] ?? [] }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The watch that has followed all of the recording.
  func watch(every interval: Duration? = nil, named name: String = "a.sluice") throws -> Watch {
    try watch(of: SavedFolder(saved.path).samples, every: interval, named: name)
  }

  func watch(
    of samples: [SavedSample], every interval: Duration? = nil, named name: String = "a.sluice"
  ) throws -> Watch {
    let path = folder.appending(path: name).path
    var work = Import(samples, of: "real", every: interval, utcOffset: 0, version: "test")
    try work.write(to: path)
    var reader = try RecordingReader(path)
    var watch = Watch(
      Watch.Settings(cluster: reader.info.cluster, interval: reader.info.interval),
      at: reader.info.began)
    while let steps = reader.next() {
      for step in steps { _ = watch.follow(step) }
    }
    return watch
  }
}
