internal import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
package import Terms
package import VitessClient

/// What a Prometheus server, or another that speaks its HTTP API, has stored of vtgates.
///
///     vtgates ──> StoredVtgate, one for each set of labels that a scrape adds
///     answers ──> StoredAnswer, the lines of `/metrics` of one scrape, put together again
///
/// Samples are asked for as they were scraped, by a range selector (`{…}[600s]`), and not on a grid of
/// steps: a range query repeats the latest value for up to five minutes, so that a vtgate which is gone
/// would seem to answer, and it moves every sample to the next step.
///
/// Source: Prometheus' HTTP API v1, "Instant queries" and "Range vectors"; VictoriaMetrics, Thanos and
/// Mimir answer alike.
package struct PrometheusClient: Sendable {
  private let fetcher: HTTPFetcher
  private let server: Address
  /// What every query asks for besides, such as `cluster="prod"`.
  private let matchers: String

  /// The longest time whose samples are asked for at once, and the shortest before it is given up.
  private static let spans = Duration.seconds(5)...Duration.seconds(600)

  package init(_ server: Address, matchers: String = "", over fetcher: HTTPFetcher) {
    self.fetcher = fetcher
    self.server = server
    self.matchers = matchers
  }

  /// The vtgates that were scraped between two moments, in the order of their addresses.
  ///
  /// Of several targets with one address, scraped by several jobs, the one that was scraped most often
  /// stands for all.
  package func vtgates(
    from start: Instant, to end: Instant
  ) async throws(PrometheusFault) -> [StoredVtgate] {
    // It has no labels of its own: those that it has are the scrape's.
    let query =
      "count_over_time(\(selector(VtgateMetrics.sizeName, []))[\((end - start).promText)])"
    let found = try await ask(query, at: end)
    guard !found.isEmpty else { throw .knowsNoVtgate }
    var best: [Address: (vtgate: StoredVtgate, scrapes: Double)] = [:]
    for series in found {
      guard let vtgate = StoredVtgate(series.labels) else {
        throw .hasNoAddress(series.labels["instance"])
      }
      let scrapes = series.samples.last.flatMap { Double($0.value) } ?? 0
      guard let known = best[vtgate.target.address] else {
        best[vtgate.target.address] = (vtgate, scrapes)
        continue
      }
      let isBetter = (scrapes, known.vtgate.job ?? "") > (known.scrapes, vtgate.job ?? "")
      var chosen = isBetter ? vtgate : known.vtgate
      chosen.alsoScraped = known.vtgate.alsoScraped + vtgate.alsoScraped + 1
      best[vtgate.target.address] = (chosen, max(scrapes, known.scrapes))
    }
    return best.values.map(\.vtgate).sorted { $0.target < $1.target }
  }

  /// What a vtgate answered from one moment to another, both included, in the order of time.
  package func answers(
    of vtgate: StoredVtgate, from start: Instant, to end: Instant
  ) async throws(PrometheusFault) -> [StoredAnswer] {
    let query = selector("up|" + VtgateMetrics.namePattern, vtgate.matchers)
    var answers: [StoredAnswer] = []
    var span = Self.spans.upperBound
    var done = start - .milliseconds(1)
    while done < end {
      let next = min(end, done + span)
      do throws(PrometheusFault) {
        let series = try await ask("\(query)[\((next - done).promText)]", at: next)
        // Prometheus 2 counts the beginning of a range to it, version 3 does not.
        answers += StoredAnswer.all(of: series).filter { done < $0.at && $0.at <= next }
        done = next
      } catch .failed(.notUnderstood(_, .tooLong)) where span / 2 >= Self.spans.lowerBound {
        span = span / 2
      }
    }
    return answers
  }

  private func selector(_ names: String, _ own: [String]) -> String {
    let all = [#"__name__=~"\#(names)""#] + own + (matchers.isEmpty ? [] : [matchers])
    return "{\(all.joined(separator: ","))}"
  }

  private func ask(_ query: String, at time: Instant) async throws(PrometheusFault)
    -> [StoredSeries]
  {
    let path = "/api/v1/query?query=\(query.percentEncoded)&time=\(time.promText)"
    let page: HTTPFetcher.Page
    do throws(ScrapeFailure) {
      page = try await fetcher.page(path, at: server, isLong: true)
    } catch {
      throw .failed(error.named("/api/v1/query"))
    }
    guard
      let answer = try? JSONDecoder().decode(PrometheusAnswer.self, from: Data(buffer: page.body))
    else {
      throw .failed(
        page.refusal(of: "/api/v1/query")
          ?? .notUnderstood(path: "/api/v1/query", .ofAnother(than: "Prometheus")))
    }
    guard answer.isSuccess else {
      throw .refused(words: String((answer.error ?? "no reason").prefix(300)))
    }
    return answer.series
  }
}

extension ScrapeFailure {
  /// With the path alone where it tells of a whole query.
  fileprivate func named(_ path: String) -> ScrapeFailure {
    if case .notUnderstood(_, let obscurity) = self {
      .notUnderstood(path: path, obscurity)
    } else {
      self
    }
  }
}

extension Instant {
  /// Seconds since 1970, to the millisecond, as Prometheus stores its times.
  fileprivate var promText: String {
    let milliseconds = nanoseconds / 1_000_000
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}

extension Duration {
  /// To the millisecond above.
  fileprivate var promText: String { "\((wholeNanoseconds + 999_999) / 1_000_000)ms" }
}
