internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching

/// The first line: what is watched, how fresh it is, and since when counters count.
struct HeaderView {
  let model: Model

  func render(into canvas: inout Canvas, in rect: Rect) {
    guard rect.columns >= 12 else {
      canvas.draw("sluice", in: rect, role: .emphasis)
      return
    }
    let fleet = model.fleet
    var right: [(String, StyleRole)] = [
      (Phrases.clock(model.now, utcOffset: model.settings.utcOffset), .text)
    ]
    if let behind = model.behind {
      right[0] = (
        " NOT LIVE: \(Phrases.preciseClock(model.now, utcOffset: model.settings.utcOffset)), "
          + "\(behind.countdown) ago ", .lab
      )
    } else if let close {
      right.insert((close + "   ", .warning), at: 0)
    } else if rect.columns >= 90 {
      right.insert((rate + "   ", .muted), at: 0)
    }
    var left: [(String, StyleRole)] = [(" sluice ", .emphasis)]
    if model.settings.isLab { left.append((" LAB ", .lab)) }
    left.append((" \(model.settings.title)  ", .text))
    if model.areActionsAllowed, let until = model.allowedUntil {
      // To the minute: nothing ticks without need.
      let minutes = Int(((until - model.present).seconds / 60).rounded(.up))
      left.append(("ACTIONS \(minutes)m  ", .warning))
    }
    if let since = fleet.blindSince {
      left.append((" BLIND for \((model.now - since).countdown) ", .critical))
      left.append(("  ", .text))
    }
    left += count(
      fleet.vtgates.values.map(\.isFresh),
      "vtgate")
    left.append(("  ", .text))
    left += count(
      fleet.tablets.values.filter { !fleet.isDeadRecord($0) }.map(\.isFresh),
      "tablet")
    // What the counters count from gives way first.
    let used = (left + right).reduce(0) { $0 + DisplayWidth.of($1.0) }
    if used + 5 + DisplayWidth.of(since) <= rect.columns { right.append(("   " + since, .muted)) }
    right.append((" ", .text))
    let width = right.reduce(0) { $0 + DisplayWidth.of($1.0) }
    canvas.draw(spans: left, in: rect.columns(from: 0, count: max(0, rect.columns - width - 1)))
    canvas.draw(spans: right, in: rect.columns(from: rect.columns - width))
  }

  /// `3 vtgates`, or `2 of 3 vtgates` in warning when some do not answer.
  private func count(_ states: [Bool], _ noun: String) -> [(String, StyleRole)] {
    let fresh = states.count { $0 }
    guard fresh < states.count else { return [(Phrases.plural(fresh, noun), .text)] }
    return [("\(fresh) of \(Phrases.plural(states.count, noun))", .warning)]
  }

  /// How often servers are polled, and how often tablets where the budget allows no more.
  private var rate: String {
    let interval = model.watch.wishes.interval
    let tablets = model.watch.pace.tabletInterval
    guard tablets > interval * 3 / 2 else { return "every \(interval.asInterval)" }
    return "every \(interval.asInterval), tablets \(tablets.countdown)"
  }

  /// What is polled at the fast rate, and whether because the operator wants it.
  private var close: String? {
    func words(_ word: String, _ shards: Set<ShardName>) -> String? {
      shards.min().map { first in
        "\(word) \(shards.count == 1 ? "\(first)" : Phrases.plural(shards.count, "shard"))"
      }
    }
    let armed = Set(model.watch.armed.keys)
    let words = [
      words("ARMED", armed), words("FAST", model.watch.closelyWatched.subtracting(armed)),
    ]
    .compactMap(\.self)
    return words.isEmpty ? nil : words.joined(separator: "  ")
  }

  private var since: String {
    guard let baseline = model.fleet.baselineAt else { return "vtgate totals " }
    return "since \(Phrases.clock(baseline, utcOffset: model.settings.utcOffset))"
  }
}

/// The last line: the keys that do something here, or the filter being typed.
struct FooterView {
  let model: Model

  func render(into canvas: inout Canvas, in rect: Rect) {
    if let remark = model.currentRemark {
      canvas.draw(remark, in: rect.columns(from: 1), role: .warning)
      return
    }
    if model.dialog != nil { return }
    if model.help != nil {
      KeyHints(
        [.init("type", "to search"), .init(canvas.glyphs.upDown, "scroll"), .init("Esc", "close")]
      ).render(into: &canvas, in: rect)
      return
    }
    if model.isFilterOpen {
      canvas.draw(
        spans: [
          (" filter: ", .keyHint),
          ("\((model.showsEvents ? model.eventFilter : model.filter).text)_", .input),
          ("  enter keeps it, escape removes it", .keyHintLabel),
        ], in: rect)
      return
    }
    var rect = rect
    if let announced = model.announced {
      let others = model.shardsFailingOver.count - 1
      let more = others > 0 ? " and \(Phrases.plural(others, "other"))" : ""
      let width = canvas.draw(
        " n  \(announced.shard)\(more): failover ", at: rect.origin, role: .warning,
        limit: rect.columns / 2)
      rect = rect.columns(from: width)
    }
    KeyHints(hints(canvas.glyphs), always: [.init("?", "help"), .init("q", "quit")]).render(
      into: &canvas, in: rect)
  }

  private func hints(_ glyphs: Glyphs) -> [KeyHints.Hint] {
    var hints: [KeyHints.Hint]
    switch model.screen {
    case .fleet:
      hints = [
        .init(glyphs.upDown, "shard"), .init(String(glyphs.enter), "open"),
        .init("t", "throttle"), .init("u", "release"), .init("R", "reparent"),
        .init("a", "arm"), .init("f", "failovers"), .init("e", "events"), .init("/", "filter"),
        .init("s", "sort"), .init("b", "baseline"),
      ]
    case .shard:
      hints = [
        .init("Esc", "fleet"), .init(glyphs.upDown, "scroll"), .init("t", "throttle"),
        .init("u", "release"), .init("R", "reparent"), .init("a", "arm"), .init("f", "failover"),
        .init("e", "events"), .init("Tab", "next shard"), .init("b", "baseline"),
      ]
    case .failover:
      hints = [
        .init("Esc", "shard"), .init("f", "failovers"), .init("c", "compare"),
        .init(glyphs.upDown, "scroll"), .init("a", "arm"),
      ]
    case .failovers:
      hints = [
        .init("Esc", "fleet"), .init(glyphs.upDown, "failover"),
        .init(String(glyphs.enter), "open"), .init("c", "compare"),
      ]
    case .events(let shard):
      hints = [
        .init("Esc", shard == nil ? "fleet" : "shard"), .init(glyphs.upDown, "scroll"),
        .init("/", "filter"), .init("s", model.leastSeverity.next.filterName),
      ]
      if shard != nil { hints.append(.init("e", "of all shards")) }
    case .comparison: hints = [.init("Esc", "failovers")]
    }
    if model.behind != nil {
      hints = [
        .init("space", "live"), .init(",", "back"), .init(".", "on"), .init("<", "event before"),
        .init(">", "next event"),
      ]
    } else {
      hints.append(.init("space", "stop"))
      if model.settings.isLab { hints.append(.init("F", "reparent")) }
    }
    return hints
  }
}
