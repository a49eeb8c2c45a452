internal import Cutover
internal import NIOCore
internal import PostgresWire
internal import Terms

// A place for what is new, and a connection to it.
extension PostgresSession {
  /// A connection that is being made, or was made before there is a place for it.
  struct Preparation {
    let backend: ProxyConfiguration.Backend
    /// It has its slot among the backend's connections.
    var isOpening = false
    var made: Result<PostgresLink, PostgresLink.Failure>?
  }

  func ask(for message: Frame<FrontendKind>?) {
    guard let route else { return end(with: front.unknownDatabase(startup)) }
    since = gate.instant
    let bytes = message?.bytes.readableBytes ?? 0
    let (work, answer) = gate.admit(to: route.name, bytes: bytes, on: loop)
    take(
      answer, for: Request(work: work, messages: message.map { [$0] } ?? [], isWaiting: false))
  }

  /// The session begins: asks for a server that tells its settings.
  func askForGreeting() { ask(for: nil) }

  func take(_ answer: Gate.Answer, for request: Request) {
    var request = request
    switch answer {
    case .now(let placement):
      phase = .placing(request)
      take(placement, for: request)
    case .later(let future):
      request.isWaiting = true
      phase = .placing(request)
      prepare()
      future.assumeIsolated().whenSuccess { placement in
        self.take(placement, for: request)
      }
    }
  }

  private func take(_ placement: Gate.Placement, for request: Request) {
    guard case .placing(let current) = phase, current.work == request.work else {
      // The client left, or cancelled it, while the answer was on its way.
      if case .run = placement { gate.ended(request.work) }
      return
    }
    var request = request
    request.isWaiting = false
    phase = .placing(request)
    switch placement {
    case .fail(.stopping): end(with: front.stopping)
    case .fail(let refusal):
      dropNext()
      gate.traffic.answered(routeName, after: gate.instant - since, error: refusal.code.rawValue)
      refuse(request, PostgresError(refusal))
    case .run(let backend) where claimsLink(to: backend):
      dropNext()
      run(request)
    case .run(let backend) where !state.pins.isEmpty && link != nil:
      end(with: front.pinned(state.pins, to: link?.backend ?? backend))
    case .run(let backend) where next?.backend.name == backend.name && !hasFailedAhead:
      if let made = next?.made { connected(made, to: backend, for: request) }
    case .run(let backend): connect(to: backend)
    }
  }

  var routeName: ShardName { route?.name ?? ShardName(keyspace: "", shard: "") }

  /// Whether the link at hand leads to a backend as it is to be logged in to, and is still the session's.
  private func claimsLink(to backend: ProxyConfiguration.Backend) -> Bool {
    guard let link, link.isReady, link.backend.name == backend.name else { return false }
    if link.backend.login != backend.login, state.pins.isEmpty {
      // Its place may be the only one there is.
      drop()
      return false
    }
    return front.sessions.pool.claim(link, at: link.backend)
  }

  /// `mayBeUsed`: whether another session's connection will do.
  private func connect(to backend: ProxyConfiguration.Backend, mayBeUsed: Bool = true) {
    dropNext()
    next = Preparation(backend: backend)
    let since = fullSince ?? gate.instant
    front.sessions.pool.take(
      backend, mayBeUsed ? kind(at: backend) : nil, on: loop, within: limits.connect,
      at: gate.instant
    ).assumeIsolated().whenSuccess { grant in
      switch grant {
      case .opening: self.logIn(to: backend)
      case .used(let link): self.adopt(link.value)
      case .none:
        self.fullSince = since
        let text = ConnectionPool<PostgresSession>.exhausted(backend, after: self.limits.connect)
        let error = PostgresError(.error, .tooManyConnections, text)
        self.opened(.failure(.refused(error)), to: backend)
      }
    }
  }

  /// Whether a connection that has been granted is still wanted; it is being made from here on.
  private func beginsOpening(to backend: ProxyConfiguration.Backend) -> Bool {
    guard case .placing = phase, next?.backend.name == backend.name, next?.isOpening == false else {
      return false
    }
    next?.isOpening = true
    return true
  }

  /// Makes a connection in the place that it has among the backend's.
  private func logIn(to backend: ProxyConfiguration.Backend) {
    let pool = front.sessions.pool
    guard beginsOpening(to: backend) else { return pool.giveBack(backend) }
    PostgresLink.open(
      front.door(to: backend),
      for: .init(
        database: startup.database ?? "", settings: startup.settings, replay: state.replay),
      on: loop
    ) { result in
      switch result {
      case .success(let link):
        link.kind = self.kind(at: backend)
        let id = ObjectIdentifier(link)
        link.whenClosed { pool.giveBack(backend, id) }
      case .failure: pool.giveBack(backend)
      }
      self.opened(result, to: backend)
    }
  }

  /// Makes a connection its own that another session has had; where that fails, one that is opened may
  /// do.
  private func adopt(_ link: PostgresLink) {
    let backend = link.backend
    guard beginsOpening(to: backend) else { return link.end() }
    link.adopt(state.replay) { result in
      if case .failure = result, case .placing = self.phase,
        self.next?.backend.name == backend.name
      {
        return self.connect(to: backend, mayBeUsed: false)
      }
      self.opened(result, to: backend)
    }
  }

  /// While a statement waits for a cutover, a connection to where that leads is made, so that the
  /// statement can go on at once; not one that others need.
  private func prepare() {
    guard let cutover = gate.standing(of: routeName)?.cutover, cutover.isHolding,
      state.pins.isEmpty, let backend = gate.backend(cutover.to),
      front.sessions.pool.takeFree(backend)
    else { return }
    dropNext()
    next = Preparation(backend: backend)
    logIn(to: backend)
  }

  // MARK: Others' connections

  /// What a connection must have been opened with: RESET goes back to it.
  struct Kind: Hashable {
    let login: ProxyConfiguration.Backend.Login
    let database: String
    let settings: [[String]]
  }

  private func kind(at backend: ProxyConfiguration.Backend) -> Kind {
    Kind(
      login: backend.login, database: startup.database ?? "",
      settings: startup.settings.map { [$0.name, $0.value] })
  }

  /// Nothing is under way: others may have the link who need it.
  func park() {
    guard case .idle = phase, state.pins.isEmpty, let link else { return }
    let parking = front.sessions.pool.park(
      link, cancelsUnderWay == 0 ? link.kind : nil, at: link.backend, of: self,
      on: loop)
    switch parking {
    case .kept: break
    case .handedOver: part(from: link)
    case .unwanted: drop()
    }
  }

  /// It is another session's.
  func part(from link: PostgresLink) {
    flush()
    link.owner = nil
    self.link = nil
  }

  private func opened(
    _ result: Result<PostgresLink, PostgresLink.Failure>, to backend: ProxyConfiguration.Backend
  ) {
    guard case .placing(let request) = phase, let next, next.backend.name == backend.name,
      next.made == nil
    else { return PostgresLink.end(result) }
    if request.isWaiting {
      self.next?.made = result
      offerNext()
    } else {
      connected(result, to: backend, for: request)
    }
  }

  /// What was in the way then need not be any more.
  private var hasFailedAhead: Bool {
    if case .failure = next?.made { true } else { false }
  }

  /// A connection that was made ahead, and waits with what it was made for.
  var ahead: PostgresLink? {
    guard case .placing(let request) = phase, request.isWaiting else { return nil }
    return try? next?.made?.get()
  }

  /// Others may have the place of one that was made ahead who need one at once.
  private func offerNext() {
    guard let ahead else { return }
    let parking = front.sessions.pool.park(ahead, nil, at: ahead.backend, of: self, on: loop)
    if parking == .unwanted { dropNext() }
  }

  func dropNext() {
    if let next, let made = next.made {
      if case .success(let link) = made { front.sessions.pool.claim(link, at: next.backend) }
      PostgresLink.end(made)
    }
    next = nil
  }

  private func connected(
    _ result: Result<PostgresLink, PostgresLink.Failure>, to backend: ProxyConfiguration.Backend,
    for request: Request
  ) {
    next = nil
    switch result {
    // One that was made ahead may be gone by now, or be somebody else's place.
    case .success(let new) where !new.isReady || !front.sessions.pool.claim(new, at: backend):
      new.end()
      connect(to: backend)
    case .success(let new):
      fullSince = nil
      drop()
      link = new
      new.owner = self
      new.setReading(channel.isWritable)
      tellChanges(of: new)
      run(request)
    case .failure(.unreachable): take(gate.unreachable(request.work, on: loop), for: request)
    case .failure(.refused(let error)) where error.code == .tooManyConnections && mayWaitForRoom:
      waitForRoom(at: backend, for: request)
    case .failure(.refused(let error)):
      fullSince = nil
      gate.ended(request.work)
      refuse(request, error)
    case .failure(.unrepeatable(let error)): end(with: error)
    }
  }

  private var mayWaitForRoom: Bool {
    gate.instant - (fullSince ?? gate.instant) < limits.connect
  }

  /// Has sessions that are silent give their connections back, and tries again.
  private func waitForRoom(at backend: ProxyConfiguration.Backend, for request: Request) {
    fullSince = fullSince ?? gate.instant
    front.makeRoom()
    loop.assumeIsolated().scheduleTask(in: PostgresFront.roomInterval) {
      if case .placing(let current) = self.phase, current.work == request.work {
        self.connect(to: backend)
      }
    }
  }

  private func run(_ request: Request) {
    guard !request.messages.isEmpty else {
      gate.ended(request.work)
      phase = .idle
      front.remember(told, of: greetingKey)
      return greet()
    }
    phase = .running(request.work)
    isFirstStatement = true
    attempt = Attempt()
    let since = since
    do throws(ProtocolViolation) {
      for message in request.messages { try forward(message) }
      // It began when it asked.
      self.since = since
    } catch {
      return end(with: error.response)
    }
    proceed()
  }

  /// Nothing of a request has reached a server: its client is told why, and may go on.
  func refuse(_ request: Request, _ error: PostgresError) {
    guard let last = request.messages.last else {
      noteRefusal(error.message)
      return end(with: PostgresError(.fatal, error.code, error.message, detail: error.detail))
    }
    write(PostgresError(.error, error.code, error.message, detail: error.detail).bytes)
    if [.query, .functionCall, .sync].contains(last.kind) {
      phase = .idle
      sayReady()
    } else {
      phase = .passingOver
      flush()
    }
    proceed()
  }
}
