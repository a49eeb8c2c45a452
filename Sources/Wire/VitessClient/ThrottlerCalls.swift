package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
package import Terms

/// Sets or removes a rule in the memory of one vttablet, over HTTP: v10 to v21.
///
/// Source: go/vt/vttablet/tabletserver/tabletserver.go (registerThrottlerThrottleAppHandler).
package struct ThrottlerCalls: Sendable {
  private let fetcher: HTTPFetcher

  package init(_ fetcher: HTTPFetcher) { self.fetcher = fetcher }

  /// The request, without the address.
  ///
  /// v10 to v13 ignore the ratio and deny every check.
  package static func path(throttling app: String, for duration: Duration, ratio: Double) -> String
  {
    let seconds = max(1, Int(duration.seconds.rounded()))
    return "/throttler/throttle-app?app=\(app.percentEncoded)&duration=\(seconds)s&ratio=\(ratio)"
  }

  package static func path(releasing app: String) -> String {
    "/throttler/unthrottle-app?app=\(app.percentEncoded)"
  }

  /// Sends a path made here, once.
  package func send(_ path: String, to address: Address) async throws(CallFailure) {
    let target = Target(.vttablet, address)
    let page = try await fetcher.call(
      address.url(path), to: address, body: "", within: .seconds(5))
    guard page.status == 200 else {
      let words = page.text.prefix(500)
      guard !page.isElsewhere else {
        throw CallFailure(.refused, .tablet(target), .takesNoRules)
      }
      // A gateway on the way may have passed it on; vttablet's own refusal begins like this.
      let isOwn = page.status < 500 || words.hasPrefix("not ok:")
      throw CallFailure(
        isOwn ? .refused : .lost, .tablet(target),
        .answered(status: page.status, words: String(words)))
    }
  }

  /// The rules in a tablet's memory; nil when the release cannot list them (v10 to v13).
  package func apps(at address: Address) async throws(ScrapeFailure) -> [ThrottledApp]? {
    let page = try await fetcher.page(
      "/throttler/throttled-apps", of: Target(.vttablet, address))
    guard page.status == 200 else {
      if page.isElsewhere { return nil }
      throw .refused(path: "/throttler/throttled-apps", .status(page.status))
    }
    return try ThrottledApps.decode(Data(buffer: page.body))
  }

  /// Whether a tablet denies an app because of a rule; nil when its throttler is off or does not
  /// say.
  ///
  /// For v10 to v13, which do not list rules and write heartbeats all the time: from v14 on such a
  /// check would request heartbeats.
  package func denies(_ app: String, at address: Address) async throws(ScrapeFailure) -> Bool? {
    let page = try await fetcher.page(
      "/throttler/check-self?app=\(app.percentEncoded)", of: Target(.vttablet, address))
    if page.status == 417 { return true }
    // A throttler that is off lets everything pass, with a threshold of 0.
    let answer = try? JSONDecoder().decode(Answer.self, from: Data(buffer: page.body))
    return answer.map { $0.threshold > 0 } == true ? false : nil
  }

  private struct Answer: Decodable {
    let threshold: Double
    enum CodingKeys: String, CodingKey { case threshold = "Threshold" }
  }

  /// A tablet's throttler settings.
  package struct Settings: Sendable, Equatable {
    /// Nil up to v15.
    package var isEnabled: Bool?
    package var threshold: Double?
    /// The query in force: up to v20 the one for lag when there is no custom one; from v21 on the
    /// custom one, empty when there is none.
    package var query: String?
    package var isLag: Bool

    package init(isEnabled: Bool?, threshold: Double?, query: String?, isLag: Bool) {
      self.isEnabled = isEnabled
      self.threshold = threshold
      self.query = query
      self.isLag = isLag
    }
  }

  /// Nil where HTTP no longer reports them (v22 and later).
  package func settings(at address: Address) async throws(ScrapeFailure) -> Settings? {
    let page = try await fetcher.page("/throttler/status", of: Target(.vttablet, address))
    guard page.status == 200 else { return nil }
    let body = Data(buffer: page.body)
    let reading = try ThrottlerStatus.decode(body).reading
    let queries = try? JSONDecoder().decode(Queries.self, from: body)
    return Settings(
      isEnabled: reading.isEnabled, threshold: reading.threshold,
      query: queries?.custom ?? queries?.inForce, isLag: reading.metric.isLag)
  }

  private struct Queries: Decodable {
    let inForce: String?
    let custom: String?

    enum CodingKeys: String, CodingKey {
      case inForce = "Query"
      case custom = "CustomQuery"
    }
  }
}
