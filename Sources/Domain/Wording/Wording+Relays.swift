package import FleetModel
internal import Terms

/// What is said of a server that tells of others.
extension Wording {
  /// Why it tells nothing, and what to do about it.
  package func words(_ fault: RelayFault) -> String {
    switch fault {
    case .failed(.refused(let path, .status(503))):
      "\(path) answered 503: it is starting, or has too much to do"
    case .failed(.refused(_, .redirect(_, to: let place?))) where place.hasSuffix("/debug/status"):
      "it is a server of Vitess', and not Prometheus"
    case .failed(let failure): words(failure)
    case .refused(let words): "it says: \(quote(words))"
    case .knowsNoVtgate(let matchers):
      "it has scraped no vtgate's /metrics"
        + (matchers.isEmpty ? "" : " with \(quote(matchers)): --match may leave it out")
    case .hasNoAddress(let instance):
      "the label instance of a vtgate is no address: \(instance.map { quote($0) } ?? "there is none")"
    case .answersInPart:
      "it answers in part only: some of the servers that store for it do not answer"
    case .unheard: "it has not answered yet"
    }
  }

  /// Whose word everything is, and how precise that is.
  package func words(_ relay: Relay) -> String {
    let source = "told by Prometheus at \(name(relay.address))"
    guard let interval = relay.interval else { return source }
    let every = interval.asInterval
    guard let tablets = relay.rareTabletInterval?.asInterval else {
      return
        "\(source), which scrapes every \(every): moments are within \(every), and what is shown is "
        + "that old and up to a few seconds more"
    }
    return
      "\(source), which scrapes vtgates every \(every) and tablets every \(tablets): moments are "
      + "within \(every), and what is shown, such as lag, is that old and up to a few seconds more"
  }

  /// That it is slow, which is neither its silence nor that of the servers that it scrapes.
  package func isSlow(_ relay: Relay, _ delay: Duration) -> String {
    "Prometheus at \(name(relay.address)) answers slowly: the last look took \(delay.inTenths), "
      + "and what is shown is as much older"
  }

  /// That all times are as its clock has them, whatever that shows.
  package func clockUnknown(_ relay: Relay, _ fault: RelayFault) -> String {
    "the clock of Prometheus at \(name(relay.address)) is unknown, and taken for this machine's: "
      + words(fault)
  }

  /// Tablets that are left out.
  package func tabletsUnplaced(_ count: Int) -> String {
    "\(count.grouped) tablet\(count == 1 ? " is" : "s are") left out: the labels of the scrape name no "
      + "keyspace and shard"
  }

  /// Servers of which nobody tells, though somebody names them.
  package func words(_ unscraped: Relay.Unscraped) -> String {
    let one = "\(name(unscraped.first)) is named, and Prometheus does not scrape it"
    return unscraped.count == 1
      ? "\(one): nothing is known of it"
      : "\(one), nor \((unscraped.count - 1).grouped) more: nothing is known of them"
  }

  func words(_ unreached: Relay.Unreached) -> String {
    let one = "\(name(unreached.first)) cannot be asked from here (\(words(unreached.failure)))"
    return unreached.count == 1
      ? "\(one): what is known of it stays Prometheus'"
      : "\(one), nor can \((unreached.count - 1).grouped) more: what is known of them stays "
        + "Prometheus'"
  }
}
