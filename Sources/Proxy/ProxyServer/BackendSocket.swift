internal import NIOCore
internal import NIOPosix
internal import Terms

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension ClientBootstrap {
  /// Connects to a server within `limit`.
  ///
  /// One that vanishes without closing, because its machine or the network is gone, is noticed after
  /// three times that: by probes while an answer is awaited, by what it does not acknowledge while
  /// something is sent.
  static func toBackend(on loop: any EventLoop, within limit: Duration) -> ClientBootstrap {
    let seconds = Int(max(1, min(limit.seconds.rounded(.up), 3600)))
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(TimeAmount(limit))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.socketOption(.so_keepalive), value: 1)
      .channelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: seconds)
      .channelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 2)
    #if canImport(Darwin)
      return
        bootstrap
        .channelOption(.tcpOption(.init(rawValue: TCP_KEEPALIVE)), value: seconds)
        .channelOption(.tcpOption(.init(rawValue: TCP_RXT_CONNDROPTIME)), value: 3 * seconds)
    #else
      return
        bootstrap
        .channelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: seconds)
        // In milliseconds.
        .channelOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: 3000 * seconds)
    #endif
  }
}
