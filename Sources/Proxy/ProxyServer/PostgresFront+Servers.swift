package import Cutover
internal import NIOCore
internal import Terms

/// How Postgres servers stand, asked over their own protocol.
extension PostgresFront {
  package func examine(
    _ backend: ProxyConfiguration.Backend, within limit: Duration
  ) async -> Examination {
    // A standby that has applied all that it has received is not behind, however long ago that was.
    let query = """
      select current_setting('server_version'), \
      pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool, \
      case when not pg_is_in_recovery() then null \
      when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0 \
      else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end
      """
    do throws(PostgresQuery.Failure) {
      let row = try await ask(backend, query, within: limit)
      var examination = Examination(isUp: true)
      guard row.count == 3 else { return examination }
      examination.version = row[0]
      examination.isReadOnly = row[1].map { $0 == "t" }
      examination.lag = row[2].flatMap(Double.init).map { .seconds(max(0, $0)) }
      return examination
    } catch {
      return Examination(isUp: error.hasAnswered, fault: error.message)
    }
  }

  /// Waits until a standby or a subscriber has everything.
  ///
  /// A standby is promoted then; a subscriber has everything once it has confirmed the end of its
  /// publisher's log.
  package func catchUp(
    from: ProxyConfiguration.Backend, to: ProxyConfiguration.Backend, within limit: Duration
  ) async throws(Refusal) {
    let end = ContinuousClock.now + limit
    do throws(PostgresQuery.Failure) {
      let kind = try await ask(
        to,
        """
        select pg_is_in_recovery(), \
        (select string_agg(subslotname, ',') from pg_subscription where subenabled)
        """, within: limit)
      let isStandby = kind.first == "t"
      guard isStandby || kind.last ?? nil != nil else {
        throw PostgresQuery.Failure(
          message: "\(to.name) does not replicate; a switch without a check must be asked for")
      }
      let position = try await ask(from, "select pg_current_wal_lsn()", within: limit)
      guard let goal = position.first ?? nil, Self.isPosition(goal) else {
        throw PostgresQuery.Failure(message: "\(from.name) did not say where its log ends")
      }
      let (server, question) =
        isStandby
        ? (to, "select pg_last_wal_replay_lsn() >= '\(goal)'")
        : (from, Self.confirmed(goal, by: (kind.last ?? nil) ?? ""))
      while try await ask(server, question, within: limit).first != "t" {
        guard ContinuousClock.now < end else {
          throw PostgresQuery.Failure(message: "\(to.name) has not caught up with \(from.name)")
        }
        try? await Task.sleep(for: .milliseconds(20))
      }
      if isStandby { try await promote(to, within: limit) }
    } catch {
      throw Refusal(.failedPrecondition, error.message)
    }
  }

  private func promote(
    _ backend: ProxyConfiguration.Backend, within limit: Duration
  ) async throws(PostgresQuery.Failure) {
    let row = try await ask(backend, "select pg_promote(true, 60)", within: limit)
    guard row.first == "t" else {
      throw PostgresQuery.Failure(message: "\(backend.name) could not be promoted")
    }
  }

  private static func confirmed(_ goal: String, by slots: String) -> String {
    let names = slots.replacing("'", with: "''")
    return """
      select coalesce(bool_and(confirmed_flush_lsn >= '\(goal)'), true) from pg_replication_slots \
      where slot_type = 'logical' and slot_name = any (string_to_array('\(names)', ','))
      """
  }

  /// It goes into another query.
  private static func isPosition(_ text: String) -> Bool {
    text.allSatisfy { $0.isHexDigit || $0 == "/" }
  }

  private func ask(
    _ backend: ProxyConfiguration.Backend, _ query: String, within limit: Duration
  ) async throws(PostgresQuery.Failure) -> [String?] {
    let routes = gate.configuration.routes.filter { $0.candidates.contains(backend.name) }
    let database = routes.lazy.compactMap { $0.databases.min() }.first ?? "postgres"
    return try await PostgresQuery.row(
      of: query, in: database, at: door(to: backend, within: limit), on: loops.next())
  }
}
