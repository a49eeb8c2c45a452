package import Terms
internal import Watching

extension Model {
  /// What does not change while the program is running.
  package struct Settings: Equatable, Sendable {
    /// The fleet's name in the header.
    package var title: String
    package var interval: Duration
    /// Seconds to add to UTC for the times shown.
    package var utcOffset: Int
    /// Whether the fleet is the embedded cluster, so that a key may rehearse reparents.
    package var isLab: Bool
    /// Whether a failover of the selected shard opens its screen when it begins.
    package var opensFailovers: Bool
    /// Whether this run may change a cluster.
    package var permission: Permission
    /// Whether a vtctld is named.
    package var hasVtctld: Bool
    /// Whether a vtctld or a vtadmin is named.
    package var canReparent: Bool
    /// Whether there is a token with which proxies take commands.
    package var hasProxyToken = false
    /// Shards whose trouble is intended.
    package var ignored: [NamePattern] = []
    /// Servers' certificates are not checked.
    package var isUnverified = false
    /// The lag above which a replica is in trouble where no throttler tells its threshold, in seconds.
    package var lagThreshold: Double?
    /// The names of the themes to choose from, and of the one that the run begins with.
    package var themes: [String] = []
    package var theme = "default"
    /// Whether hosts and addresses are masked from the start.
    package var isMasked = false
    /// The embedded cluster's scenario, where it has one, and the names of the commands it takes.
    package var rehearsal: Rehearsal?
    package var labCommands: [String] = []

    /// The colour of its title in every header; nil for none.
    package var color: ClusterHue?
    /// The names of the clusters of this run, and which of them this is.
    ///
    /// Empty and nil where there is only one. Where there are several and this is none of them, it is
    /// the overview.
    package var clusters: [String] = []
    package var cluster: String?

    var isOverview: Bool { !clusters.isEmpty && cluster == nil }

    var watching: Watch.Settings {
      var settings = Watch.Settings(
        cluster: title, interval: interval, ignored: ignored, lagThreshold: lagThreshold)
      settings.isUnverified = isUnverified
      return settings
    }

    package init(
      title: String, interval: Duration, utcOffset: Int = 0, isLab: Bool = false,
      opensFailovers: Bool = true, permission: Permission = .onRequest, hasVtctld: Bool = false,
      canReparent: Bool = false
    ) {
      self.title = title
      self.interval = interval
      self.utcOffset = utcOffset
      self.isLab = isLab
      self.opensFailovers = opensFailovers
      self.permission = permission
      self.hasVtctld = hasVtctld
      self.canReparent = canReparent
    }
  }
}
