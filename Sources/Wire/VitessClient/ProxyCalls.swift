package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
package import Terms

/// What a proxy of ours is asked and told on the port of its pages.
package struct ProxyCalls: Sendable {
  private let proxy: Address
  private let fetcher: HTTPFetcher

  /// `access`: brings the token that commands need.
  package init(to proxy: Address, _ access: HTTPAccess) {
    self.proxy = proxy
    fetcher = HTTPFetcher(deadline: .seconds(5), access)
  }

  package func shutdown() async { await fetcher.shutdown() }

  /// How one of its routes stands; nil where it has no such route.
  package func standing(of route: ShardName) async throws(CallFailure) -> ProxyRoute? {
    let page = try await call(ProxyStatus.path, body: nil, within: .seconds(5))
    do throws(ScrapeFailure) {
      return try ProxyStatus.decode(Data(buffer: page.body))[route]
    } catch {
      throw CallFailure(.refused, .url(proxy.url(ProxyStatus.path)), .page(error))
    }
  }

  /// Gives a command, once, and returns the proxy's answer.
  ///
  /// `path`: with its parameters.
  package func command(_ path: String, within patience: Duration) async throws(CallFailure)
    -> String
  {
    try await call(path, body: "", within: patience).text.firstLine
  }

  private func call(
    _ path: String, body: String?, within patience: Duration
  ) async throws(CallFailure) -> HTTPFetcher.Page {
    let page = try await fetcher.call(
      proxy.url(path), to: proxy, body: body, within: patience)
    guard page.status == 200 else {
      // Who stands in a proxy's place and cannot reach it may have passed the command on.
      throw CallFailure(
        (400..<500).contains(page.status) ? .refused : .lost, nil,
        .answered(status: page.status, words: page.text.firstLine))
    }
    return page
  }
}

extension String {
  fileprivate var firstLine: String { String(prefix { $0 != "\n" }.prefix(2000)) }
}
