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
  private var line = SeriesLine()

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
    line.write(series, name)
    for sample in series.samples {
      let value = series.raw(sample.value)
      guard value.allSatisfy(Self.isOfNumbers) else { continue }
      let place = Place(server: server, at: sample.at)
      bodies[place, default: Data()].append(contentsOf: line.bytes)
      bodies[place]?.append(contentsOf: value)
      bodies[place]?.append(UInt8(ascii: "\n"))
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
}

extension Instant {
  init(milliseconds: Int64) { self.init(nanoseconds: milliseconds * 1_000_000) }
}

extension String {
  /// Letters, digits, `_` and `:`.
  var isOfMetric: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        (0x30...0x3A).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
          || byte == UInt8(ascii: "_")
      }
  }
}
