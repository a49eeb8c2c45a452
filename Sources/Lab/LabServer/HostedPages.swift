internal import Lab
internal import Stats
internal import Terms

/// The pages of all vtgates and tablets, with what is kept of them from one request to the next.
struct HostedPages: Sendable {
  private var vtgates: [MetricsPage]
  private let tablets: MetricsPage
  private var bufferLines = BufferLines()
  private var gateways: [GatewayText]
  private var gatewayParts = GatewayText.Parts()
  private var texts = SharedTexts()

  init(_ configuration: LabCluster.Configuration) {
    vtgates = (0..<configuration.vtgates).map { _ in MetricsPage(.vtgate, configuration.release) }
    gateways = (0..<configuration.vtgates).map { _ in GatewayText() }
    tablets = MetricsPage(.vttablet, configuration.release)
  }

  mutating func answer(
    _ target: RequestTarget, vtgate index: Int, _ cluster: LabCluster
  ) -> Page {
    let (vtgate, release) = (cluster.vtgates[index], cluster.configuration.release)
    switch target.path {
    case "/metrics":
      return .metrics(
        vtgates[index].vtgate(vtgate, release, at: cluster.now, &bufferLines, &texts),
        isEscaping: release.namesEscaping)
    case "/debug/gateway":
      return .json(gateways[index].text(vtgate, cluster, &gatewayParts))
    case "/debug/vars": return .json(ServerPages.vars(vtgate, cluster))
    default:
      if target.path.hasPrefix("/api/health-check") {
        return ServerPages.healthCheck(target.path, vtgate, cluster)
      }
      return ServerPages.common(target.path, name: vtgate.name, isHealthy: true)
    }
  }

  /// A check may wake the tablet's throttler.
  func answer(
    _ target: RequestTarget, tablet alias: TabletAlias, _ cluster: inout LabCluster
  ) -> Page {
    guard let tablet = cluster.tablets[alias] else { return .toStatus }
    if target.path.hasPrefix("/throttler/") {
      return ThrottlerPages.answer(target, on: alias, &cluster) ?? .toStatus
    }
    switch target.path {
    case "/metrics":
      return .metrics(
        tablets.tablet(tablet, cluster), isEscaping: cluster.configuration.release.namesEscaping)
    case "/debug/vars": return .json(ServerPages.vars(tablet, cluster))
    default:
      return ServerPages.common(
        target.path, name: "vttablet \(alias)", isHealthy: tablet.state == .serving)
    }
  }
}
