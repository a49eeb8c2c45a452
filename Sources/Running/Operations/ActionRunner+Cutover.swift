internal import Actions
internal import FleetModel
internal import Terms
internal import VitessClient
internal import Wording

extension ActionRunner {
  /// How long a proxy may take: a switch waits for transactions, for replication and for a standby to
  /// take writes, each as long as the proxy's file has it.
  private static let proxyPatience = Duration.seconds(300)

  func cutOver(
    _ order: CutoverOrder, _ report: inout ActionReport, _ progress: @escaping Progress
  ) async {
    guard let proxyToken else { return report.endUnsent(.notSent(.noProxyToken), now()) }
    let calls = ProxyCalls(to: order.proxy, http.bringing(proxyToken, to: order.proxy))
    await cutOver(order, calls, &report, progress)
    await calls.shutdown()
  }

  private func cutOver(
    _ order: CutoverOrder, _ calls: ProxyCalls, _ report: inout ActionReport,
    _ progress: @escaping Progress
  ) async {
    let server = ActionReport.Subject.proxy(order.proxy)
    do throws(CallFailure) {
      if let objection = order.objection(to: try await calls.standing(of: order.route)) {
        return report.endUnsent(.notSent(objection), now())
      }
    } catch {
      return report.endUnsent(.notReached(error), now())
    }
    guard let intent = intend(server, call: "POST \(order.pathAndQuery)", body: nil, &report)
    else { return }
    await progress(report)
    do throws(CallFailure) {
      let words = try await calls.command(order.pathAndQuery, within: Self.proxyPatience)
      conclude(intent, .done, words, &report)
      report.note(server, .done, .answered(words))
      report.end(.done, .answered(words), at: now())
    } catch {
      finish(server, intent, error, &report)
      if error.kind == .lost { await lookAfter(order, error, intent, calls, &report) }
    }
  }

  /// Asks once how the route stands after a command that was never answered.
  private func lookAfter(
    _ order: CutoverOrder, _ failure: CallFailure, _ intent: AuditLog.Entry, _ calls: ProxyCalls,
    _ report: inout ActionReport
  ) async {
    // Even when the operator ends the program, because then it is needed most.
    let standing = await Task { try? await calls.standing(of: order.route) }.value
    if let standing { observe(intent, Wording().words(standing), &report) }
    report.end(.unknown, .proxyUnanswered(failure, route: standing), at: now())
  }
}

extension CutoverOrder {
  /// What a proxy is asked for.
  fileprivate var pathAndQuery: String {
    let target = step.endsHold ? [] : [(name: "to", value: to)]
    return step.path
      + ([(name: "route", value: route.description)] + target + step.parameters).query
  }
}
