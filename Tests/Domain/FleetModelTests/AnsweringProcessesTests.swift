import FleetModel
import Terms
import Testing
import Wording

/// Two processes behind one address, which answer as a test says.
private struct Service {
  static let address = Address(host: "vtgate", port: 15001)
  var fleet = Fleet()
  var now = Feed.start
  var processes: [VtgateReading]

  /// `starts`: when each began, seconds since the epoch; `counts`: what each has counted.
  init(starts: [Double?], counts: [Int]) {
    processes = zip(starts, counts).map { start, count in
      var reading = VtgateReading()
      reading.processStart = start
      var counters = BufferCounters()
      counters.starts = count
      counters.stops[.newPrimarySeen] = count
      counters.buffered = count * 10
      counters.drained = count * 10
      reading.buffers[Feed.shard] = counters
      reading.tablets = GatewayTablets([Feed.tablet(100, .primary, term: 1)])
      return reading
    }
  }

  /// Gives each process a command line; nil: it is not read.
  mutating func setCommandLines(_ digests: [UInt64?]) {
    for (index, digest) in digests.enumerated() { processes[index].commandLine = digest }
  }

  mutating func answer(_ indices: [Int]) {
    for index in indices {
      now = now + .milliseconds(250)
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vtgate, Self.address), at: now, took: .zero,
          result: .gate(processes[index])))
      fleet.settle(at: now)
    }
  }

  var texts: [String] { fleet.log.events.map { Wording().sentence($0) } }
}

@Suite struct AnsweringProcessesTests {
  private static let began = Feed.start.secondsSinceEpoch

  @Test(
    arguments: [
      // Long ago, a few seconds apart, the younger has counted more; the other way round; and without
      // a start on the page.
      ([began - 900, began - 897], [5, 9]), ([began - 900, began - 897], [9, 5]),
      ([began - 86_400, began - 60], [0, 3]), ([nil, nil], [9, 5]),
    ] as [([Double?], [Int])])
  func severalProcessesAreSaidOnceAndMakeNoFailovers(_ starts: [Double?], _ counts: [Int]) {
    var service = Service(starts: starts, counts: counts)
    service.answer([0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1])
    #expect(service.texts.filter { $0.contains("several processes answer") }.count == 1)
    let isTold = starts[0] != nil
    #expect(service.fleet.failovers.all.count <= (isTold ? 0 : 1))
    #expect(service.texts.filter { $0.contains("restarted") }.count <= 1)
    #expect(service.fleet.vtgates[Service.address]?.hasSeveralProcesses == true)
  }

  @Test func aRestartIsNotSeveralProcesses() {
    var service = Service(starts: [Self.began - 900, Self.began + 1], counts: [5, 0])
    service.answer([0, 0, 0, 0, 1, 1, 1])
    #expect(
      service.texts == ["vtgate restarted, its counters began again at 0: vtgate:15001"])
    #expect(service.fleet.vtgates[Service.address]?.hasSeveralProcesses == false)
  }

  @Test func aVtgateThatRestartsAgainAndAgainIsOneProcessAtATime() {
    var service = Service(
      starts: [Self.began - 900, Self.began + 1, Self.began + 2, Self.began + 3],
      counts: [5, 0, 1, 0])
    service.answer([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3])
    #expect(service.fleet.vtgates[Service.address]?.hasSeveralProcesses == false)
    #expect(service.texts.filter { $0.contains("restarted") }.count == 3)
  }

  /// Starts and counters that leave it open whether the clock was set, or whether there was a restart.
  @Test(
    arguments: [
      // Within a second of each other, and with counts that go on.
      ([began - 900, began - 899.5], [5, 5]), ([began - 900, began - 899.5], [5, 9]),
      ([began - 900, began - 897], [5, 9]), ([began - 900, began - 897], [0, 0]),
      ([nil, nil], [0, 0]), ([nil, nil], [5, 5]), ([nil, nil], [5, 0]),
    ] as [([Double?], [Int])])
  func twoCommandLinesAreTwoProcesses(_ starts: [Double?], _ counts: [Int]) {
    var service = Service(starts: starts, counts: counts)
    service.setCommandLines([1, 2])
    service.answer([0, 0, 1, 0])
    #expect(service.fleet.vtgates[Service.address]?.hasSeveralProcesses == true)
    #expect(service.fleet.failovers.all.isEmpty)
    var alike = Service(starts: starts, counts: counts)
    alike.setCommandLines([1, 1])
    alike.answer([0, 0, 1])
    #expect(alike.fleet.vtgates[Service.address]?.hasSeveralProcesses == false)
  }

  @Test(arguments: [began + 1, nil] as [Double?])
  func aRestartMayBringAnotherCommandLine(_ start: Double?) {
    var service = Service(
      starts: [start == nil ? nil : Self.began - 900, start], counts: [5, 0])
    service.setCommandLines([1, 2])
    service.answer([0, 0, 0, 0, 1, 1, 1])
    #expect(service.fleet.vtgates[Service.address]?.hasSeveralProcesses == false)
    #expect(service.texts.filter { $0.contains("restarted") }.count == 1)
  }

  /// It is read once of each process.
  @Test func aCommandLineThatIsNotReadAgainIsRemembered() {
    var service = Service(starts: [Self.began - 900, Self.began - 899.5], counts: [5, 5])
    service.setCommandLines([1, nil])
    service.answer([0])
    service.setCommandLines([nil, nil])
    service.answer([0, 0, 0])
    service.setCommandLines([nil, 2])
    service.answer([1])
    #expect(service.fleet.vtgates[Service.address]?.hasSeveralProcesses == true)
  }
}
