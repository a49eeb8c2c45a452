import FleetModel
import TerminalKit
import Terms
import Testing

@testable import Dashboard

@Suite struct IgnoredShardsTests {
  @Test(arguments: [true, false])
  func troubleThatIsIgnoredIsShownAsThatAndNoNews(_ isIgnored: Bool) {
    let shard = ShardName(keyspace: "restoreks", shard: "0")
    var settings = Model.Settings(title: "prod-eu", interval: .seconds(1))
    settings.opensFailovers = false
    settings.ignored = isIgnored ? [NamePattern("restore*/*")] : []
    let size = Size(columns: 100, rows: 30)
    var now = Scene.start
    var model = Model(settings: settings, size: size, now: now)
    var news: [FleetEvent] = []
    for isServing in [true, true, false, false] {
      now = now + .seconds(1)
      var reading = VtgateReading()
      reading.buffers[shard] = BufferCounters()
      reading.tablets = GatewayTablets([
        GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: 400), shard: shard, type: .primary,
          isServing: isServing, hasError: !isServing, primaryTermStart: 1)
      ])
      let outcome = ScrapeOutcome(
        target: Target(.vtgate, Scene.vtgates[0]), at: now, took: .zero, result: .gate(reading))
      for effect in model.update(Scene.observed(.outcome(outcome), at: now))
        + model.update(.moment(now))
      {
        if case .news(let event) = effect, event.shard == shard { news.append(event) }
      }
    }
    var canvas = Canvas(size: size)
    model.render(into: &canvas)
    let text = canvas.lines.joined(separator: "\n")
    #expect(text.contains("ignored") == isIgnored)
    #expect(text.contains("NO PRIMARY") == !isIgnored)
    #expect(news.isEmpty == isIgnored)
    // It happened all the same.
    #expect(text.contains("no vtgate sees a serving primary"))
  }
}
