package import Cutover
package import Terms

/// Something that an operator may want to find in the log afterwards.
///
/// Never a statement. Names of users and what servers say come from outside: whoever writes it makes
/// it safe to show.
package enum ProxyEvent: Sendable, Equatable, CustomStringConvertible {
  /// A cutover has entered the phase that it has.
  case cutover(Cutover)
  /// A route is not switched, and its cutover goes on or has ended before.
  case notSwitched(ShardName, why: String)
  /// A forced switch begins to end what is in flight on a route's old backend, so many statements and
  /// transactions.
  case ends(Int, ShardName, on: BackendName)
  /// The backend could not be told to end some of that: it may go on there.
  case notKilled(ShardName, on: BackendName, why: String)
  case down(BackendName, why: String)
  case up(BackendName)
  /// It answers, and something is wrong.
  case faulty(BackendName, String)
  case readOnly(BackendName, Bool)
  case draining(BackendName, Bool)
  /// A client was not let in.
  case refused(client: String, why: String)
  /// So many others were not, in about a second.
  case refusedBesides(Int)
  case stopping

  package var description: String {
    switch self {
    case .cutover(let cutover):
      "cutover of \(cutover.route) from \(cutover.from) to \(cutover.to): "
        + "\(cutover.phase.word)\(cutover.phase.reason.map { ", \($0)" } ?? "")"
    case .notSwitched(let route, let why): "\(route) is not switched: \(why)"
    case .ends(let count, let route, let backend):
      "\(count) statements or transactions of \(route) are being ended on \(backend): its switch is "
        + "forced"
    case .notKilled(let route, let backend, let why):
      "\(backend) could not be told to end what was in flight on \(route), which may go on there: \(why)"
    case .down(let backend, let why): "\(backend) is down: \(why)"
    case .up(let backend): "\(backend) answers again"
    case .faulty(let backend, let what): "\(backend): \(what)"
    case .readOnly(let backend, let isReadOnly):
      "\(backend) \(isReadOnly ? "is read-only" : "takes writes")"
    case .draining(let backend, let isDraining):
      "\(backend) \(isDraining ? "is drained: it gets no new work" : "gets work again")"
    case .refused(let client, let why): "client \(client) is refused: \(why)"
    case .refusedBesides(1): "1 more client is refused"
    case .refusedBesides(let count): "\(count) more clients are refused"
    case .stopping: "the proxy stops"
    }
  }

  /// What a look at a backend brought that was not known before; nil: the first look.
  ///
  /// `wasReadOnly`: as a look found it last that could tell.
  static func changes(
    of backend: BackendName, from old: Examination?, to new: Examination, wasReadOnly: Bool?
  ) -> [ProxyEvent] {
    var events: [ProxyEvent] = []
    if !new.isUp, old?.isUp != false {
      events.append(.down(backend, why: new.fault ?? "it does not answer"))
    }
    if new.isUp, old?.isUp == false { events.append(.up(backend)) }
    if new.isUp, let fault = new.fault, fault != old?.fault {
      events.append(.faulty(backend, fault))
    }
    if let before = wasReadOnly, let now = new.isReadOnly, before != now {
      events.append(.readOnly(backend, now))
    }
    return events
  }
}
