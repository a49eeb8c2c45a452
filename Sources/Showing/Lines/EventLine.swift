internal import FleetModel
internal import Terms
internal import Wording

extension Told<EventWords> {
  init(_ event: FleetEvent) {
    self.init(words: EventWords(event), subjects: Subjects(event.kind))
  }
}

/// An event in words.
struct EventWords: Encodable {
  let version = JSONLine.version
  let type = "event"
  let id: Int
  let at: String
  let shard: String?
  let severity: String
  let kind: String
  let text: String
  let sources: [Source]
  /// Absent when it is `at`.
  let until: String?
  /// `proxies` or `both`; absent where it is about vtgates.
  let gates: String?

  init(_ event: FleetEvent) {
    let wording = Wording()
    id = event.id
    at = event.at.rfc3339
    shard = event.shard?.description
    severity = event.severity.word
    gates = event.gates?.rawValue
    kind = event.kind.name.rawValue
    text = wording.text(event)
    until = event.until > event.at ? event.until.rfc3339 : nil
    sources = event.sources.map {
      Source(
        server: $0.address.description, detail: wording.detail($0), count: $0.count,
        lasted: milliseconds($0.lasted))
    }
  }

  struct Source: Encodable {
    let server: String
    /// The numbers that follow, in words.
    let detail: String?
    let count: Int?
    let lasted: Double?
  }
}
