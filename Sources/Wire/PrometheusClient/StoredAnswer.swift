package import FoundationEssentials
package import Terms
internal import VitessClient

/// What one scrape of a server brought.
package struct StoredAnswer: Sendable, Equatable {
  package let at: Instant
  /// The lines of `/metrics` that matter; nil where the scrape failed.
  package let metrics: Data?
}

/// Puts the samples of servers' series together by the times that they share, as the answers that
/// they were.
///
/// What every server of a kind reports says when there was an answer; `up` is 0 where there was none.
struct StoredAnswers {
  /// One answer of one server.
  private struct Place: Hashable {
    /// Its number in ``servers``.
    let server: Int
    let at: Int64
  }

  /// What every server of the kind reports, once.
  private let mark: String
  private var servers: [StoredServer.Key: Int] = [:]
  private var bodies: [Place: Data] = [:]
  private var answered: Set<Place> = []
  private var failed: Set<Place> = []
  /// The line that is being written, kept for its memory.
  private var line: [UInt8] = []

  init(markedBy mark: String) { self.mark = mark }

  mutating func take(_ series: StoredSeries) {
    guard let name = series["__name__"], name.isOfMetric, let key = StoredServer.Key(series)
    else { return }
    let server = servers[key] ?? servers.count
    servers[key] = server
    guard name != "up" else {
      failed.formUnion(
        series.samples.lazy.filter { series.raw($0.value).elementsEqual("0".utf8) }
          .map { Place(server: server, at: $0.at) })
      return
    }
    if name == mark {
      answered.formUnion(series.samples.lazy.map { Place(server: server, at: $0.at) })
    }
    expose(series, name)
    let labelled = line.count
    for sample in series.samples {
      let value = series.raw(sample.value)
      guard value.allSatisfy(Self.isOfNumbers) else { continue }
      line.removeSubrange(labelled...)
      line += value
      line.append(UInt8(ascii: "\n"))
      bodies[Place(server: server, at: sample.at), default: Data()].append(contentsOf: line)
    }
  }

  /// In the order of time, by server.
  func all() -> [StoredServer.Key: [StoredAnswer]] {
    var answers: [Int: [StoredAnswer]] = [:]
    for place in answered.union(failed) {
      let metrics = answered.contains(place) ? bodies[place] ?? Data() : nil
      answers[place.server, default: []].append(
        StoredAnswer(at: Instant(milliseconds: place.at), metrics: metrics))
    }
    return servers.compactMapValues { answers[$0]?.sorted { $0.at < $1.at } }
  }

  /// `1.5e+09`, `NaN`, `+Inf`.
  private static func isOfNumbers(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }

  // MARK: Lines

  /// Where the scrape's labels have a name that the server's have too, these are renamed (Prometheus,
  /// scrape_config, honor_labels).
  private static let renamed = Array("exported_".utf8)
  /// The labels that are read, as servers spell them.
  private static let labels = VtgateMetrics.labels.union(TabletMetrics.labels).sorted()
    .map { Array($0.utf8) }

  /// Begins the line of an exposition, up to its value: the name, and the server's own labels.
  private mutating func expose(_ series: StoredSeries, _ name: String) {
    line.removeAll(keepingCapacity: true)
    line += name.utf8
    var separator = UInt8(ascii: "{")
    for label in Self.labels {
      let place =
        series.labels.first { Self.spells(series.raw($0.name), label, renamed: true) }
        ?? series.labels.first { Self.spells(series.raw($0.name), label, renamed: false) }
      guard let place else { continue }
      line.append(separator)
      line += label
      line += "=\"".utf8
      let value = series.raw(place.value)
      if value.contains(UInt8(ascii: "\\")) {
        line += series.text(place.value).labelEscaped.utf8
      } else {
        line += value
      }
      line.append(UInt8(ascii: "\""))
      separator = UInt8(ascii: ",")
    }
    if separator == UInt8(ascii: ",") { line.append(UInt8(ascii: "}")) }
    line.append(UInt8(ascii: " "))
  }

  /// Whether a name is the label's, with dashes and dots read as underscores.
  private static func spells(
    _ name: UnsafeRawBufferPointer, _ label: [UInt8], renamed isRenamed: Bool
  ) -> Bool {
    guard name.count == label.count + (isRenamed ? renamed.count : 0) else { return false }
    let prefix = isRenamed ? renamed : []
    return zip(name, prefix + label).allSatisfy { byte, wanted in
      byte == wanted
        || wanted == UInt8(ascii: "_") && (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "."))
    }
  }
}

extension Instant {
  init(milliseconds: Int64) { self.init(nanoseconds: milliseconds * 1_000_000) }
}

extension String {
  /// Letters, digits, `_` and `:`.
  fileprivate var isOfMetric: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        (0x30...0x3A).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
          || byte == UInt8(ascii: "_")
      }
  }

  /// As between the quotes of a label's value.
  var labelEscaped: String {
    guard contains(where: { "\\\"\n".contains($0) }) else { return self }
    var text = ""
    for character in unicodeScalars {
      switch character {
      case "\\": text += #"\\"#
      case "\"": text += #"\""#
      case "\n": text += #"\n"#
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }
}
