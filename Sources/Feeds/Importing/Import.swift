package import FleetModel
package import Recording
package import Terms
internal import VitessClient

/// Makes a recording of samples that somebody else has taken, as if Sluice had observed them.
///
///     samples, by time ─> SavedServer ─> outcomes ─┐
///     whole seconds ─────────────────────> ticks ──┴─> PastRecorder ─> file
///
/// Nothing is made up: where samples are missing the server is silent, and an empty or truncated body
/// counts as a failed answer.
package struct Import {
  /// What was made of one server's samples.
  package struct Account: Sendable, Equatable {
    package let target: Target
    package fileprivate(set) var samples = 0
    /// How many of them hold no answer.
    package fileprivate(set) var failures = 0
    package fileprivate(set) var lastFailure: ScrapeFailure?
    /// Whether a vtgate's command line was among them.
    package fileprivate(set) var tellsFlags = false
  }

  /// Samples this close together are looked at together, like answers that share a frame.
  private static let gathering: Duration = .milliseconds(10)
  /// After this long without a sample, further ticks would show nothing new.
  private static let quiet: Duration = .seconds(600)
  private static let intervals = Duration.milliseconds(100)...Duration.seconds(3600)
  package let info: RecordingInfo
  package private(set) var accounts: [Account] = []
  package private(set) var last: Instant
  private let samples: [SavedSample]

  /// `samples`: at least one, ordered by time.
  ///
  /// `interval`: the time between two samples of a server; nil takes the median.
  package init(
    _ samples: [SavedSample], of cluster: String, every interval: Duration? = nil, utcOffset: Int,
    version: String
  ) {
    self.samples = samples
    let began = samples.first?.at ?? Instant(nanoseconds: 0)
    info = RecordingInfo(
      cluster: cluster, began: began, interval: interval ?? Self.interval(of: samples),
      utcOffset: utcOffset, program: "\(RecordingInfo.importer) \(version)")
    last = samples.last?.at ?? began
  }

  /// The median time between two samples of a server, to the millisecond; one second if no server has
  /// two.
  private static func interval(of samples: [SavedSample]) -> Duration {
    var previous: [Target: Instant] = [:]
    var gaps: [Duration] = []
    for sample in samples {
      if let before = previous.updateValue(sample.at, forKey: sample.target), before < sample.at {
        gaps.append(sample.at - before)
      }
    }
    guard !gaps.isEmpty else { return .seconds(1) }
    gaps.sort()
    let median = Duration.milliseconds(
      (gaps[gaps.count / 2].wholeNanoseconds + 500_000) / 1_000_000)
    return min(max(median, intervals.lowerBound), intervals.upperBound)
  }

  /// Writes the file, which must not exist yet.
  package mutating func write(to path: String) throws {
    var recorder = try PastRecorder(path, info)
    do {
      try tell(&recorder)
    } catch {
      try? recorder.finish()
      throw error
    }
    try recorder.finish()
  }

  private mutating func tell(_ recorder: inout PastRecorder) throws {
    var servers: [Target: (server: SavedServer, account: Int)] = [:]
    for target in Set(samples.map(\.target)).sorted() {
      servers[target] = (SavedServer(target), accounts.count)
      accounts.append(Account(target: target))
      try recorder.observe(.watching(target), at: info.began)
    }
    var tick = info.began + .seconds(1)
    for (index, sample) in samples.enumerated() {
      let previous = index == 0 ? info.began : samples[index - 1].at
      let end = min(sample.at, previous + Self.quiet)
      while tick <= end {
        try recorder.take(.tick(tick))
        tick = tick + .seconds(1)
      }
      if tick <= sample.at { tick = sample.at + .seconds(1) }
      guard let (_, number) = servers[sample.target] else { continue }
      let result = try servers[sample.target]?.server.result(sample)
      guard let result else { continue }
      accounts[number].take(result)
      try recorder.observe(
        .outcome(
          ScrapeOutcome(target: sample.target, at: sample.at, took: .zero, result: result)),
        at: sample.at)
      let next = index + 1 < samples.count ? samples[index + 1].at : nil
      if next.map({ $0 - sample.at > Self.gathering }) ?? true {
        try recorder.take(.moment(sample.at))
      }
    }
  }
}

extension SavedServer {
  fileprivate mutating func result(
    _ sample: SavedSample
  ) throws(ImportFault) -> ScrapeOutcome.Result {
    guard let pages = try sample.pages() else { return .failed(.notScraped) }
    do throws(ScrapeFailure) {
      return try read(pages)
    } catch {
      return .failed(error)
    }
  }
}

extension Import.Account {
  fileprivate mutating func take(_ result: ScrapeOutcome.Result) {
    samples += 1
    switch result {
    case .gate(let reading): tellsFlags = tellsFlags || reading.flags?.source == .commandLine
    case .member: break
    case .failed(let failure):
      failures += 1
      lastFailure = failure
    }
  }
}
