internal import Buffering
internal import Terms

// Clients: when they ask, what they ask for, and what they make of the answer.
extension LabCluster {
  mutating func wake(_ index: Int, _ client: Int, _ tick: Int) {
    let own = vtgates[index].clients[client]
    guard own.tick == tick, own.state == .thinking else { return }
    let traffic = configuration.traffic[own.traffic]
    guard vtgates[index].process == .running else {
      if vtgates[index].process == .dead { connectionsRefused += 1 }
      if own.isConnected {
        vtgates[index].clients[client].isConnected = false
        vtgates[index].statistics.connections -= 1
      }
      pause(index, client, for: max(traffic.profile.retryTime, .milliseconds(50)))
      return
    }
    if !own.isConnected {
      vtgates[index].clients[client].isConnected = true
      vtgates[index].statistics.connectionsAccepted += 1
      vtgates[index].statistics.connections += 1
    }
    let request = vtgates[index].nextRequest
    vtgates[index].nextRequest += 1
    let isWrite = own.writesNext
    let isTransaction =
      isWrite && traffic.profile.transactions > 0
      && Double.random(in: 0..<1, using: &random) < traffic.profile.transactions
    vtgates[index].calls[request] = Call(
      client: client, keyspace: traffic.shard.keyspace, table: traffic.table, isWrite: isWrite,
      hold: isTransaction ? traffic.profile.transactionTime : nil,
      shard: destination(of: traffic, own.shardIndex), startedAt: now,
      routing: topology.routingRules.revision)
    vtgates[index].clients[client].state = .busy(request)
    if let timeout = traffic.profile.readTimeout {
      after(timeout, .hangUp(index, client: client, request))
    }
    if let deadline = traffic.profile.deadline { after(deadline, .deadline(index, request)) }
    proceed(index, request)
  }

  /// The shard that serves a client's table at the moment.
  func destination(of traffic: Traffic, _ slot: Int) -> ShardName {
    let keyspace = topology.routingRules.keyspace(of: traffic.table, in: traffic.shard.keyspace)
    if keyspace == traffic.shard.keyspace, topology.serving.contains(traffic.shard) {
      return traffic.shard
    }
    let shards = topology.partition(of: keyspace)
    guard !shards.isEmpty else { return traffic.shard }
    return ShardName(keyspace: keyspace, shard: shards[slot % shards.count])
  }

  private mutating func pause(_ index: Int, _ client: Int, for duration: Duration) {
    vtgates[index].clients[client].state = .thinking
    vtgates[index].clients[client].tick += 1
    let tick = vtgates[index].clients[client].tick
    after(duration, .client(index, client: client, tick: tick))
  }

  /// The client has its answer: it thinks, tries again, or gives up for good.
  ///
  /// `errno`: what its error carries, where the text does not say so itself.
  mutating func answerClient(
    _ index: Int, _ client: Int, _ shard: ShardName, _ text: String?, errno: Int? = nil
  ) {
    let own = vtgates[index].clients[client]
    let profile = configuration.traffic[own.traffic].profile
    if own.isOneOff || text?.hasPrefix("Lost connection") == true {
      vtgates[index].clients[client].isConnected = false
      vtgates[index].statistics.connections -= 1
    }
    guard let text else {
      vtgates[index].clients[client].writesNext.toggle()
      vtgates[index].clients[client].retriesLeft = profile.retries
      let think = profile.think * Double.random(in: 0.5...1.5, using: &random)
      pause(index, client, for: max(think, .microseconds(100)))
      return
    }
    vtgates[index].statistics.clientError(shard, text)
    if let left = own.retriesLeft {
      guard left > 0 else {
        vtgates[index].clients[client].state = .stopped
        vtgates[index].clients[client].lastWords = (errno.map { "errno \($0): " } ?? "") + text
        vtgates[index].clients[client].tick += 1
        if vtgates[index].clients[client].isConnected {
          vtgates[index].clients[client].isConnected = false
          vtgates[index].statistics.connections -= 1
        }
        return
      }
      vtgates[index].clients[client].retriesLeft = left - 1
    }
    // Never at once: a call can fail in no time at all, and time must move on.
    pause(index, client, for: max(profile.retryTime, .milliseconds(1)))
  }

  /// Lets the clients that have ended begin again, and says how many those are.
  @discardableResult
  package mutating func startClients() -> Int {
    var count = 0
    for index in vtgates.indices {
      for (number, client) in vtgates[index].clients.enumerated() where client.state == .stopped {
        let profile = configuration.traffic[client.traffic].profile
        vtgates[index].clients[number].retriesLeft = profile.retries
        vtgates[index].clients[number].lastWords = nil
        pause(index, number, for: profile.think * Double.random(in: 0...1, using: &random))
        count += 1
      }
    }
    return count
  }

  /// How many clients run, and what ended the others, by text.
  package var clients: (running: Int, ended: [String: Int]) {
    var (running, ended) = (0, [String: Int]())
    for client in vtgates.lazy.flatMap(\.clients) {
      if let words = client.lastWords { ended[words, default: 0] += 1 } else { running += 1 }
    }
    return (running, ended)
  }

  /// A MySQL client stops waiting for the answer; its vtgate goes on with the request.
  mutating func hangUp(_ index: Int, _ client: Int, _ request: RequestBuffer.RequestID) {
    guard vtgates[index].clients[client].state == .busy(request),
      let call = vtgates[index].calls[request]
    else { return }
    vtgates[index].calls[request]?.client = nil
    answerClient(
      index, client, call.shard,
      "Lost connection to MySQL server during query (timed out) (errno 2013)")
  }

  /// A gRPC client's deadline expires, and its vtgate knows.
  mutating func deadline(_ index: Int, _ request: RequestBuffer.RequestID) {
    guard vtgates[index].calls[request] != nil else { return }
    carryOut(vtgates[index].buffer.clientGone(request), on: index)
    guard let call = vtgates[index].calls[request], let client = call.client else { return }
    vtgates[index].calls[request]?.client = nil
    answerClient(index, client, call.shard, "context deadline exceeded")
  }
}
