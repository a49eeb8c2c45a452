internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// What copying takes from a screen.
struct Copied {
  /// Its name: `the row of commerce/-80`.
  let what: String
  let lines: [String]
}

extension Model {
  /// A shard as a line of words.
  func copied(_ shard: ShardName) -> Copied? {
    fleet.summaries.first { $0.name == shard }.map { summary in
      Copied(
        what: "the row of \(shard)",
        lines: ["\(settings.title), \(now.rfc3339): \(shard) \(Wording().words(summary))"])
    }
  }

  /// A failover as a line of words, followed by one for each vtgate.
  func copied(_ failover: Failover) -> Copied {
    let head = "\(settings.title), \(failover.detected.at.rfc3339): \(Wording().words(failover))"
    return Copied(
      what: "the summary of failover \(failover.id)",
      lines: [head] + failover.tracks.map { "\($0.address): \(words($0, of: failover))" })
  }

  /// The most events that are copied: a terminal's clipboard takes little.
  private static let mostEvents = 100

  /// The listed events, each a line and the newest first, as the screen has them; nil for none.
  func copied(_ listed: [FleetEvent]) -> Copied? {
    guard !listed.isEmpty else { return nil }
    let events = listed.suffix(Self.mostEvents).reversed()
    let number = Phrases.plural(events.count, "event")
    return Copied(
      what: events.count < listed.count ? "the newest \(number)" : number,
      lines: events.map { event in
        let whose = event.shard.map { "\($0) " } ?? ""
        return "\(settings.title), \(event.at.rfc3339): \(whose)\(event.severity.word): "
          + Wording().fullSentence(event)
      })
  }

  private func words(_ track: Failover.Track, of failover: Failover) -> String {
    func number(_ name: String, _ number: Int?) -> String {
      "\(name) \(number?.grouped ?? "unknown")"
    }
    func reasons<Reason: RawRepresentable & Hashable>(
      _ name: String, _ counts: [Reason: Int]
    ) -> [String] where Reason.RawValue == String {
      let text = Phrases.reasons(counts)
      return text.isEmpty ? [] : ["\(name) \(text)"]
    }
    let errors = failover.clientErrors(of: track.address).filter { $0.value > 0 }
      .sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.grouped)" }
    let words =
      [Phrases.phase(of: track).0, "buffered for \(Phrases.buffering(track, at: now))"]
      + [
        number("peak", track.peak), number("buffered", track.counts[.buffered]),
        number("drained", track.counts[.drained]),
      ] + reasons("evicted", track.counts.evicted) + reasons("skipped", track.counts.skipped)
      + (errors.isEmpty ? [] : ["client errors \(errors.joined(separator: ", "))"])
    return words.joined(separator: ", ")
  }

  /// Copies what the screen is about, with hosts masked where the screen masks them.
  mutating func copy() -> [Effect] {
    guard let copied = screen.copied(in: self) else {
      say("there is nothing to copy here yet")
      return []
    }
    let lines = copied.lines.map { $0.safe(limit: 2000) }
    return [.copy((mask?.masked(lines) ?? lines).joined(separator: "\n"), of: copied.what)]
  }

  // MARK: What came of it

  /// How long a file's name stays, as someone may want to read it.
  private static let namingTime = Duration.seconds(8)

  mutating func tell(of copying: Copying, _ what: String, bytes: Int) {
    let words =
      switch copying {
      case .sent: "copied \(what), \(bytes.grouped) bytes"
      case .sentThrough(let name):
        "copied \(what), \(bytes.grouped) bytes, as far as \(name) lets it pass"
      case .tooLong(let limit):
        "not copied: \(what) has \(bytes.grouped) bytes, and terminals take \(limit.grouped)"
      case .impossible: "not copied: this terminal has no clipboard; w writes the screen to a file"
      }
    say(words, for: Self.namingTime)
  }

  mutating func tell(ofFiles name: String, in folder: String, hasReport: Bool) {
    let place = folder == "." ? "here" : "in \(folder)"
    let files =
      hasReport
      ? "\(name)-report.html and .md, the screen as .txt and .html" : "\(name).txt and .html"
    say("written: \(files) \(place)", for: Self.namingTime)
  }
}
