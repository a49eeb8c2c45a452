package import Actions
internal import FleetModel
package import Terms
package import VitessClient
package import VtctldClient
internal import Wording

/// Carries out what an operator has decided: each request once, written to the audit log first.
///
///     ActionReport ─> last look at topo ─> log: intent ─> one request ─> log: result ─> ReadBack
///                          └── differs ──> nothing is sent
///
/// A request that is lost on the way is never sent again: topo and the tablets are checked until
/// they show what came of it. Everything here runs off the main actor.
package struct ActionRunner: Sendable {
  package typealias Progress = @Sendable (ActionReport) async -> Void

  let vtctld: VtctldClient?
  let vtadmin: VtadminClient?
  /// How tablets are reached.
  let http: HTTPAccess
  /// What proxies take commands with; nil where none was given.
  let proxyToken: HTTPCredentials?
  let audit: AuditLog
  let observation: Duration
  let now: @Sendable () -> Instant

  /// Reparents go to `vtadmin` when there is no `vtctld`.
  ///
  /// `observation`: how long to look in topo for a reparent that was never answered.
  package init(
    vtctld: VtctldClient?, vtadmin: VtadminClient? = nil, _ http: HTTPAccess = .open,
    proxyToken: HTTPCredentials? = nil, audit: AuditLog,
    observation: Duration = .seconds(60),
    now: @escaping @Sendable () -> Instant
  ) {
    self.observation = observation
    self.vtctld = vtctld
    self.http = http
    self.vtadmin = vtadmin
    self.proxyToken = proxyToken
    self.audit = audit
    self.now = now
  }

  /// Carries out a report's action and reports progress; the last report has an outcome.
  ///
  /// Runs off the caller's actor, because the audit log is flushed to disk.
  @discardableResult
  @concurrent package func perform(_ begun: ActionReport, progress: @escaping Progress) async
    -> ActionReport
  {
    var report = begun
    switch report.action {
    case .throttle(let order):
      if let objection = order.objection {
        report.endUnsent(.notSent(objection), now())
        break
      }
      switch order.scope {
      case .tablets(let tablets): await send(order, to: tablets, &report, progress)
      case .keyspace(let keyspace): await update(keyspace, order, &report, progress)
      }
    case .configure(let order):
      if let objection = order.objection {
        report.endUnsent(.notSent(objection), now())
        break
      }
      await update(order, &report, progress)
    case .reparent(let order): await reparent(order, &report, progress)
    case .cutover(let order): await cutOver(order, &report, progress)
    }
    await progress(report)
    return report
  }

  /// Adds to the log what was found out about a request afterwards.
  func observe(_ intent: AuditLog.Entry, _ words: String, _ report: inout ActionReport) {
    do throws(AuditLog.Unwritable) {
      try audit.observe(intent, words, at: now())
    } catch {
      report.note(.auditLog, .failed, .lineMissing(.observation, reason: error.description))
    }
  }

  /// Writes down a request that is about to be sent; nil where that fails and so ends the action.
  func intend(
    _ server: ActionReport.Subject, call: String, body: String?, _ report: inout ActionReport
  ) -> AuditLog.Entry? {
    do throws(AuditLog.Unwritable) {
      let intent = try audit.intend(
        report.action, server: Wording().name(server), call: call, body: body, at: now())
      report.sentAt = now()
      report.note(server, .pending, .waitingForAnswer)
      return intent
    } catch {
      report.endUnsent(.notLogged(reason: error.description), now())
      return nil
    }
  }

  // MARK: Ends

  /// Ends the report of a request that was refused, or that nobody has answered.
  func finish(
    _ server: ActionReport.Subject, _ intent: AuditLog.Entry, _ failure: CallFailure,
    _ report: inout ActionReport
  ) {
    conclude(intent, failure.outcome, Wording().words(failure), &report)
    if failure.outcome == .notSent { report.sentAt = nil }
    report.note(server, failure.state, .failed(failure))
    report.end(
      failure.outcome,
      failure.kind == .lost ? .unanswered(failure, topo: nil) : .refused(failure, topo: nil),
      at: now())
  }

  /// Writes what came of a request; failing to write it does not mean that the request failed.
  func conclude(
    _ intent: AuditLog.Entry, _ outcome: ActionReport.Outcome, _ answer: String,
    _ report: inout ActionReport
  ) {
    do throws(AuditLog.Unwritable) {
      try audit.conclude(intent, outcome, answer, at: now())
    } catch {
      report.note(.auditLog, .failed, .lineMissing(.result, reason: error.description))
    }
  }
}

extension ActionReport {
  mutating func endUnsent(_ verdict: Verdict, _ now: Instant) {
    end(.notSent, verdict, at: now)
  }
}
