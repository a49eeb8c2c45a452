internal import FleetModel
internal import Terms
internal import Wording

/// An event as JSON: its words, and its kind and subjects as values.
struct EventLine: Encodable {
  private let told: Told
  private let subjects: Subjects

  init(_ event: FleetEvent) {
    told = Told(event)
    subjects = Subjects(event.kind)
  }

  func encode(to encoder: any Encoder) throws {
    try told.encode(to: encoder)
    try subjects.encode(to: encoder)
  }

  private struct Told: Encodable {
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

    init(_ event: FleetEvent) {
      let wording = Wording()
      id = event.id
      at = event.at.rfc3339
      shard = event.shard?.description
      severity = event.severity.word
      kind = event.kind.name.rawValue
      text = wording.text(event)
      until = event.until > event.at ? event.until.rfc3339 : nil
      sources = event.sources.map {
        Source(
          server: $0.address.description, detail: wording.detail($0), count: $0.count,
          lasted: milliseconds($0.lasted))
      }
    }
  }

  private struct Source: Encodable {
    let server: String
    /// The numbers beside it in words.
    let detail: String?
    let count: Int?
    let lasted: Double?
  }
}
