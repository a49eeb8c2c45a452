package import Actions
internal import FleetModel
internal import Terms

/// Orders to proxies.
extension Wording {
  package func sentence(_ order: CutoverOrder) -> String {
    let way = "from \(quote(order.from)) to \(quote(order.to))"
    let place = "at proxy \(name(order.proxy))"
    switch order.step {
    case .start(let isUnbuffered):
      return "start the cutover of \(order.route) \(way) \(place)"
        + (isUnbuffered ? ", also if new work fails" : "")
    case .carryThrough(let isChecked, let most):
      return "switch \(order.route) \(way) \(place)"
        + (isChecked ? "" : ", without asking whether \(quote(order.to)) has everything")
        + (most.map { ", and end what is in flight if there are at most \($0.grouped)" } ?? "")
    case .cancel:
      return "cancel the cutover of \(order.route) \(way) \(place)"
        + (order.knowsOfDoubt ? ", though \(quote(order.to)) may take writes already" : "")
    }
  }

  /// What comes of a step, for who is about to take it.
  package func consequence(_ order: CutoverOrder) -> String {
    switch order.step {
    case .start(let isUnbuffered):
      "New work of \(order.route) waits\(isUnbuffered ? " or fails" : ""), transactions that are open go on at \(quote(order.from)). "
        + "Switch or cancel is the next step."
    case .carryThrough(_, nil):
      "Once nothing is in flight and \(quote(order.to)) has caught up, all of \(order.route) goes on "
        + "there."
    case .carryThrough(_, _?):
      "What is in flight at \(quote(order.from)) is ended: its clients lose their connections, and "
        + "whether a COMMIT under way is carried out is not known."
    case .cancel: "What waits runs at \(quote(order.from))."
    }
  }

  package func words(_ evidence: CutoverPreflight.Evidence) -> String {
    switch evidence {
    case .proxySilent(let proxy): "\(name(proxy)) does not answer: how it stands is not known"
    case .proxyAnswers(let proxy): "\(name(proxy)) answers"
    case .otherProxies(let others):
      "the route exists at \(names(others)) as well, where it would not change"
    case .orderGoesOn: "an order that was sent from here has not ended"

    case .routeNotTold: "the proxy does not say where it leads"
    case .leadsTo(let server): "leads to \(quote(server))"
    case .leadsElsewhere(let server, let expected):
      "leads to \(quote(server)), not to \(quote(expected)): close this form and open it again"
    case .underWay(let cutover): words(cutover)
    case .noneUnderWay: "no cutover is under way"
    case .mayHaveTakenOver(let server):
      "whether \(quote(server)) takes writes by now is not known: cancel only if it does not, or two "
        + "servers do"

    case .noOtherServer: "the route has no other server"
    case .serverNotTold(let server): "the proxy does not say how \(quote(server)) is"
    case .serverDown(let server): "\(quote(server)) is down or draining"
    case .serverReady(let server, let lag): "\(quote(server)) is up, \(words(lag))"
    case .serverReadOnly(let server, let lag):
      "\(quote(server)) is up, \(words(lag)), and read-only: writes wait until it takes them"
    case .serverNotAsked(let server):
      "whether \(quote(server)) has everything is not asked: what was written last may be lost"

    case .newWorkWaits(let window, let maximum):
      "waits, \(window.inTenths) at most for each statement and \(maximum.inTenths) in all"
    case .newWorkFails: "fails until the switch"
    case .waiting(let count, let size):
      count.grouped + (size.map { " of \($0.grouped)" } ?? "") + " waiting"
    case .waitingNotTold: "the proxy does not say how many wait"
    case .bufferingOff: "buffering is off: new work would fail until the switch"
    case .bufferingNotKnown: "whether it would wait is not known"
    case .coolDownLeft(let time): "\(time.countdown) left: new work would fail until the switch"
    case .coolDownOver: "over"

    case .inFlight(0): "nothing"
    case .inFlight(let count): "\(work(count)), waited for"
    case .inFlightEnds(let count): "\(work(count)), which will be ended"
    case .inFlightTooMany(let count, let most):
      "\(work(count)), and at most \(most.grouped) are to be ended"
    case .inFlightNotTold: "the proxy does not say how much"

    case .timeLeft(let time): "\(time.countdown), then what waits fails and the old server serves"
    case .timeIsUp: "none, by this clock: it should have ended by itself"
    }
  }

  private func words(_ lag: Lag) -> String {
    if let value = value(lag) { return "\(value) behind" }
    // A server that does not replicate tells none, and one whose caveat is another may well replicate.
    if lag.caveat == .serverTellsNone {
      return "and tells no lag: if it does not replicate, no checked switch leads there"
    }
    return "how far behind is not known" + (lag.caveat.map { " (\(words($0)))" } ?? "")
  }

  private func work(_ count: Int) -> String {
    count == 1 ? "1 statement or transaction" : "\(count.grouped) statements and transactions"
  }
}
