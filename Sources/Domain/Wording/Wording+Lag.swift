package import FleetModel
internal import Terms

extension Wording {
  /// `lag is 7.25 s, over its threshold of 5 s`, for a lag that is over it.
  ///
  /// `number`: stands in for the lag's value.
  package func excess(_ lag: Lag, of number: String? = nil) -> String {
    let source = lag.witness == .heartbeats ? "" : " by \(lag.witness.rawValue)"
    let excess =
      "\(lag.metric.name) is \(number ?? value(lag) ?? "not known")\(source), over its threshold"
      + (lag.threshold.map { " of \($0.inHundredths)\(lag.metric.unit)" } ?? "")
    guard lag.metric.isLag, lag.metric.scope == .itself else { return excess }
    return excess + "; checks on the primary look at its own (check_as_check_self)"
  }

  /// The value with its unit, lag as exact as in a row: `7.3 s`, `16h50m`, `42`; nil without one.
  ///
  /// A value over or under its threshold is never rounded to it: `5.000001 s`.
  package func value(_ lag: Lag) -> String? {
    guard let value = lag.value else { return nil }
    if lag.metric.isLag, value >= 3600 {
      return value.isPlausibleLag ? Duration.seconds(value).inTenths : "more than 10 years"
    }
    let isCoarse = lag.metric.isLag && lag.threshold ?? 1 >= 1
    let texts = (isCoarse ? [value.inTenths] : []) + [value.inHundredths]
    func isTrue(_ text: String) -> Bool {
      text != lag.threshold?.inHundredths || value == lag.threshold
    }
    return (texts.first(where: isTrue) ?? "\(value)") + lag.metric.unit
  }

  package func words(_ caveat: Lag.Caveat) -> String {
    switch caveat {
    case .notPolled: "not polled yet"
    case .noAnswer: "no answer"
    case .failure(let failure): words(failure)
    case .throttlerDisabled: "throttler disabled"
    case .throttlerOffOrClosed: "throttler off or closed"
    case .throttlerClosed: "throttler closed"
    case .notCollected: "metric not collected"
    case .serverTellsNone: "the server does not say"
    case .writesNoHeartbeats: "writes no heartbeats now"
    case .clockBehindPrimary: "its clock is behind the primary's"
    case .noHeartbeatEver: "no heartbeat has ever arrived"
    case .other(let witness, let gap): "by \(witness.rawValue), \(words(gap))"
    case .notKnown(let gap): "\(words(gap)), lag not known"
    case .notKnownWhetherWritten: "nobody asks and the primary does not tell: lag not known"
    case .primaryTellsNone(let metric): "the primary tells no \(metric.name)"
    case .noTablets: "no tablets"
    case .noReplicas: "no replicas"
    case .noData(let tablets): "no data from \(tablets.map { name($0) }.joined(separator: ", "))"
    }
  }

  /// Why a lag has no value, among other numbers: `lag unknown: the server does not say`.
  func unknown(_ lag: Lag, _ caveat: Lag.Caveat) -> String {
    switch caveat {
    case .notKnown, .notKnownWhetherWritten, .primaryTellsNone, .noTablets, .noReplicas:
      words(caveat)
    default: "\(lag.metric.name) unknown: \(words(caveat))"
    }
  }

  private func words(_ gap: Lag.HeartbeatGap) -> String {
    switch gap {
    case .noPrimary: "no primary writes heartbeats"
    case .nobodyAsks: "nobody asks for heartbeats"
    case .unexplained: "no heartbeats"
    }
  }

  /// What decides: `lag, the shard's maximum` or `threads_running, the primary's own`.
  package func decider(_ metric: DefaultMetric) -> String {
    guard metric.isScopeKnown else { return "\(metric.name); whose value is not known" }
    return
      "\(metric.name), \(metric.scope == .itself ? "the primary's own" : "the shard's maximum")"
  }
}
