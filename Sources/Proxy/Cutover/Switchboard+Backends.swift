package import Terms

// What is known of backends, and what follows from it.
extension Switchboard {
  /// What somebody found who looked at a backend.
  ///
  /// `isReadOnly`: nil where it did not say; `asked`: when the look began, nil for just now.
  package mutating func found(
    _ backend: BackendName, isUp: Bool, isReadOnly: Bool? = nil, asked: Instant? = nil,
    at now: Instant
  ) -> [Action] {
    let actions = change(backend, at: now) { condition in
      condition.isUp = isUp
      condition.isReadOnly = isReadOnly
      // An answer from before the refusal says nothing.
      if isReadOnly == false, (condition.refusedWriteAt ?? now) <= asked ?? now {
        condition.refusedWriteAt = nil
      }
    }
    noteWrites(of: backend)
    return actions
  }

  mutating func noteWrites(of backend: BackendName) {
    guard conditions[backend]?.isReadOnly == false else { return }
    for (name, state) in routes where state.backend == backend { routes[name]?.isForWrites = true }
  }

  /// Statements and transactions that are in flight there, of all routes.
  package func inFlight(at backend: BackendName) -> Int {
    works.values.count { $0.backend == backend }
  }

  /// Marks a backend so that it gets no new work, or takes the mark away.
  package mutating func drain(
    _ backend: BackendName, _ isDraining: Bool, at now: Instant
  ) -> [Action] {
    change(backend, at: now) { $0.isDraining = isDraining }
  }

  private mutating func change(
    _ backend: BackendName, at now: Instant, _ body: (inout Condition) -> Void
  ) -> [Action] {
    guard var condition = conditions[backend] else { return [] }
    body(&condition)
    guard condition != conditions[backend] else { return [] }
    conditions[backend] = condition
    guard condition.takesWork else { return [] }
    return routes.filter { $0.1.backend == backend }.map(\.0).sorted()
      .flatMap { reopen($0, at: now) }
  }
}
