package import Cutover
internal import NIOCore
package import Terms

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
      else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end, \
      pg_is_in_recovery() or exists (select from pg_subscription where subenabled)
      """
    do throws(PostgresQuery.Failure) {
      let row = try await ask(backend, query, within: limit)
      var examination = Examination(isUp: true)
      guard row.count == 4 else { return examination }
      examination.version = row[0]
      examination.isReadOnly = row[1].map { $0 == "t" }
      examination.lag = row[2].flatMap(Self.lag)
      examination.replicates = row[3].map { $0 == "t" }
      return examination
    } catch {
      return Examination(isUp: error.hasAnswered, fault: error.message)
    }
  }

  /// Nil for a number that no clock comes to.
  private static func lag(_ text: String) -> Duration? {
    guard let seconds = Double(text), seconds.magnitude < 1e12 else { return nil }
    return .seconds(max(0, seconds))
  }

  // MARK: Catching up

  /// Waits until a standby has replayed, or a subscriber confirmed, all that the old server has
  /// written.
  package func catchUp(
    _ route: ShardName, from: ProxyConfiguration.Backend, to: ProxyConfiguration.Backend,
    within limit: Duration
  ) async throws(Refusal) {
    let end = ContinuousClock.now + limit
    do throws(PostgresQuery.Failure) {
      let (server, question) = try await whetherCaughtUp(route, from, to, within: limit)
      while try await ask(server, question, within: limit).first != "t" {
        guard ContinuousClock.now < end else {
          throw PostgresQuery.Failure(message: "\(to.name) has not caught up with \(from.name)")
        }
        try? await Task.sleep(for: .milliseconds(20))
      }
      if server.name == to.name { try await checkThatNotAhead(to, of: from, within: limit) }
    } catch {
      throw Refusal(.failedPrecondition, error.message)
    }
  }

  /// A standby that has more than its primary is another's: one of a copy of it, for instance.
  private func checkThatNotAhead(
    _ standby: ProxyConfiguration.Backend, of primary: ProxyConfiguration.Backend,
    within limit: Duration
  ) async throws(PostgresQuery.Failure) {
    let position = try await ask(standby, "select pg_last_wal_replay_lsn()", within: limit)
    guard let position = position.first ?? nil, Self.isPosition(position),
      try await ask(
        primary, "select pg_current_wal_insert_lsn() >= '\(position)'", within: limit
      ).first == "t"
    else { throw PostgresQuery.Failure(message: "\(standby.name) is ahead of \(primary.name)") }
  }

  /// Who is to be asked, and what, to find out whether `to` has what `from` has by now.
  private func whetherCaughtUp(
    _ route: ShardName, _ from: ProxyConfiguration.Backend, _ to: ProxyConfiguration.Backend,
    within limit: Duration
  ) async throws(PostgresQuery.Failure) -> (ProxyConfiguration.Backend, question: String) {
    let kind = try await ask(
      to,
      """
      select pg_is_in_recovery(), (select system_identifier from pg_control_system()), \
      (select string_agg(subslotname, ',') from pg_subscription where subenabled)
      """, within: limit)
    let position = try await ask(
      from,
      """
      select pg_current_wal_lsn(), (select system_identifier from pg_control_system()), \
      (select count(*) from pg_prepared_xacts)
      """, within: limit)
    guard kind.count == 3, position.count == 3, let goal = position[0], Self.isPosition(goal) else {
      throw PostgresQuery.Failure(message: "\(from.name) did not say where its log ends")
    }
    if kind[0] == "t" {
      // Positions of two clusters cannot be compared.
      guard kind[1] == position[1] else {
        throw PostgresQuery.Failure(message: "\(to.name) is not a standby of \(from.name)")
      }
      return (to, "select pg_last_wal_replay_lsn() >= '\(goal)'")
    }
    guard let slots = kind[2] else {
      throw PostgresQuery.Failure(
        message: "\(to.name) does not replicate; a switch without a check must be asked for")
    }
    try await checkSubscriptions(of: to, to: from, for: route, within: limit)
    guard position[2] == "0" else {
      throw PostgresQuery.Failure(
        message: "\(from.name) has prepared transactions, which \(to.name) may lack")
    }
    let question = Self.confirmed(goal, by: slots)
    guard let answer = try await ask(from, question, within: limit).first, answer != nil else {
      throw PostgresQuery.Failure(
        message: "\(from.name) has no slot for a subscription of \(to.name)")
    }
    return (from, question)
  }

  /// Subscriptions are of one database each: each that the route serves needs one, and in each of them all
  /// tables must have been copied.
  private func checkSubscriptions(
    of subscriber: ProxyConfiguration.Backend, to publisher: ProxyConfiguration.Backend,
    for route: ShardName, within limit: Duration
  ) async throws(PostgresQuery.Failure) {
    let answer = try await ask(
      subscriber,
      """
      select string_agg(distinct datname, E'\\n') from pg_subscription \
      join pg_database on pg_database.oid = subdbid where subenabled
      """, within: limit)
    let subscribed = Set(((answer.first ?? nil) ?? "").split(separator: "\n").map(String.init))
    let named = gate.configuration.route(route)?.databases ?? []
    let databases =
      named.isEmpty ? try await unnamedDatabases(of: publisher, within: limit) : named
    for missing in databases.subtracting(subscribed).sorted() {
      // Each cluster has databases that nobody uses, such as postgres.
      if named.isEmpty, try await !hasTables(missing, of: publisher, within: limit) { continue }
      throw PostgresQuery.Failure(
        message: "\(subscriber.name) has no subscription in the database \(missing)")
    }
    for database in databases.intersection(subscribed).sorted() {
      let isCopying = try await ask(
        subscriber, "select exists (select from pg_subscription_rel where srsubstate <> 'r')",
        in: database, within: limit
      ).first
      guard isCopying == "f" else {
        throw PostgresQuery.Failure(
          message: "\(subscriber.name) is still copying tables of \(database) for the first time")
      }
    }
  }

  /// Those that a route without names serves: all that no other route names, and that the proxy may
  /// connect to.
  private func unnamedDatabases(
    of backend: ProxyConfiguration.Backend, within limit: Duration
  ) async throws(PostgresQuery.Failure) -> Set<String> {
    let answer = try await ask(
      backend,
      """
      select string_agg(datname, E'\\n') from pg_database where datallowconn \
      and not datistemplate and has_database_privilege(datname, 'connect')
      """, within: limit)
    let all = Set(((answer.first ?? nil) ?? "").split(separator: "\n").map(String.init))
    let routes = gate.configuration.routes.filter { $0.engine == .postgres }
    return all.subtracting(routes.flatMap(\.databases))
  }

  private func hasTables(
    _ database: String, of backend: ProxyConfiguration.Backend, within limit: Duration
  ) async throws(PostgresQuery.Failure) -> Bool {
    let answer = try await ask(
      backend,
      """
      select exists (select from pg_class join pg_namespace n on n.oid = relnamespace \
      where relkind in ('r', 'p') and relpersistence <> 't' and nspname <> 'information_schema' \
      and nspname not like 'pg\\_%')
      """, in: database, within: limit)
    return answer.first != "f"
  }

  /// Null where there is none of these slots.
  private static func confirmed(_ goal: String, by slots: String) -> String {
    let names = slots.replacing("'", with: "''")
    return """
      select bool_and(confirmed_flush_lsn >= '\(goal)') from pg_replication_slots \
      where slot_type = 'logical' and slot_name = any (string_to_array('\(names)', ','))
      """
  }

  // MARK: Taking over

  /// How long a promotion may take (`pg_promote`'s own default).
  private static let longestPromotion: Duration = .seconds(60)

  /// Promotes a standby, and returns once it takes writes.
  package func takeOver(
    _ backend: ProxyConfiguration.Backend, within limit: Duration
  ) async -> TakeOver {
    do throws(PostgresQuery.Failure) {
      guard try await isStandby(backend, within: limit) else { return .done }
    } catch {
      return .refused(error.message)
    }
    do throws(PostgresQuery.Failure) {
      // Without waiting: however long it takes, no time limit of the server's ends the query.
      _ = try await ask(backend, "select pg_promote(false)", within: limit)
    } catch {
      if error.hasAnswered {
        return .refused("\(backend.name) could not be promoted: \(error.message)")
      }
      // It may have been told.
    }
    return await becomesPrimary(backend, within: limit)
  }

  private func becomesPrimary(
    _ backend: ProxyConfiguration.Backend, within limit: Duration
  ) async -> TakeOver {
    let end = ContinuousClock.now + Self.longestPromotion
    var doubt = ""
    repeat {
      do throws(PostgresQuery.Failure) {
        guard try await isStandby(backend, within: limit) else { return .done }
        doubt = "it is still in recovery"
      } catch {
        doubt = error.message
      }
      try? await Task.sleep(for: .milliseconds(20))
    } while ContinuousClock.now < end
    return .unknown(doubt)
  }

  private func isStandby(
    _ backend: ProxyConfiguration.Backend, within limit: Duration
  ) async throws(PostgresQuery.Failure) -> Bool {
    try await ask(backend, "select pg_is_in_recovery()", within: limit).first != "f"
  }

  // MARK: Questions

  /// It goes into another query.
  private static func isPosition(_ text: String) -> Bool {
    text.allSatisfy { $0.isHexDigit || $0 == "/" }
  }

  /// `database`: nil for one that a route names, where there is one.
  private func ask(
    _ backend: ProxyConfiguration.Backend, _ query: String, in database: String? = nil,
    within limit: Duration
  ) async throws(PostgresQuery.Failure) -> [String?] {
    let routes = gate.configuration.routes.filter { $0.candidates.contains(backend.name) }
    let named = routes.lazy.compactMap { $0.databases.min() }.first
    return try await PostgresQuery.row(
      of: query, in: database ?? named ?? "postgres", at: door(to: backend, within: limit),
      on: loops.next())
  }
}
