import Dashboard
import Discovery
import FleetModel
import Foundation
import Operations
import Scrape
import Session
import TerminalKit
import Terms
import Testing
import Timing
import Watching

/// Runs a session on a screen in memory until a body has seen what it wanted, and ends it by a signal.
@MainActor
func withSession(
  _ targets: [Target], size: Size = Size(columns: 160, rows: 50), isLab: Bool = false,
  access: ClusterAccess? = nil, hasVtctld: Bool = false, sources: [any DiscoverySource] = [],
  _ body: @MainActor (MemoryScreen, Session) async throws -> Void
) async throws {
  let clock = RunClock()
  let scraper = Scraper(of: "test", Cadence(interval: .milliseconds(50)), sources: sources) {
    clock.now
  }
  let screen = MemoryScreen(size)
  let session = Session(
    settings: .init(
      title: "test", interval: .milliseconds(50), isLab: isLab, opensFailovers: false,
      permission: access == nil ? .never(because: "--read-only") : .onRequest, hasVtctld: hasVtctld,
      canReparent: hasVtctld),
    screen: screen, feed: scraper, now: { clock.now }, access: access)
  let running = Task { await session.run(targets) }
  try await body(screen, session)
  screen.end(.signal(SIGTERM))
  #expect(await running.value == .signal(SIGTERM))
  screen.close()
  await scraper.stop()
}
