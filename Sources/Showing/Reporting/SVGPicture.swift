internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// A failover as an SVG picture: the primary, each vtgate's phases, requests held, lag and failures on
/// one time axis.
///
/// Positions are percentages while text keeps its size, so it reads equally well on a phone and on
/// paper. Its colours come from the page's style sheet.
struct SVGPicture {
  private static let width = 100.0
  private static let labelHeight = 18.0
  private static let barHeight = 14.0
  private static let gap = 8.0

  private let report: FailoverReport
  private let wording: Wording
  private let start: Instant
  private let length: Double
  private let end: Instant
  private var body = ""
  /// How far down the picture has been drawn, in pixels.
  private var bottom = 0.0

  private var failover: Failover { report.failover }

  /// The picture as an `<svg>` element.
  static func text(_ report: FailoverReport, _ wording: Wording) -> String {
    var picture = SVGPicture(report, wording)
    picture.draw()
    let title = "Timeline of \(wording.word(report.failover.kind)) \(report.number)"
    return """
      <svg role="img" aria-label="\(title)" width="100%" height="\(Self.number(picture.bottom))">
      <title>\(title)</title>
      \(picture.body)</svg>
      """
  }

  private init(_ report: FailoverReport, _ wording: Wording) {
    self.report = report
    self.wording = wording
    start = report.failover.earliest
    end = report.failover.latest(at: report.asOf)
    length = max(0.01, (end - start).seconds) * 1.02
  }

  private mutating func draw() {
    drawAxis()
    drawPrimary()
    for track in failover.tracks { draw(track) }
    drawSeries(
      "held at a time", held, style: "held",
      limit: failover.bufferSize.map { (Double($0), "size \($0.grouped)") },
      number: { Int($0.rounded()).grouped })
    let unit = report.lag.metric.unit
    drawSeries(
      report.lag.metric.isLag ? "replica lag" : report.lag.metric.name.safe(),
      steps(failover.lag), style: "lag",
      limit: report.lag.threshold.map { ($0, "threshold \($0.inHundredths)\(unit)") },
      number: { $0.inHundredths + unit })
    drawSeries(
      "failed in all", steps(failover.failures), style: "failed", limit: nil,
      number: { Int($0.rounded()).grouped })
  }

  // MARK: Elements

  /// An instant's position in percent of the width.
  private func place(_ instant: Instant) -> Double {
    min(Self.width, max(0, (instant - start).seconds / length * Self.width))
  }

  /// A number in SVG's notation, rounded to hundredths.
  private static func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100).\((hundredths % 100).twoDigits)"
  }

  private mutating func rect(
    _ style: String, _ from: Double, _ to: Double, y: Double, height: Double
  ) {
    // Even the shortest span stays visible.
    let width = max(0.3, to - from)
    body +=
      "<rect class=\"\(style)\" x=\"\(Self.number(min(from, Self.width - width)))%\" "
      + "y=\"\(Self.number(y))\" width=\"\(Self.number(width))%\" "
      + "height=\"\(Self.number(height))\"/>\n"
  }

  private mutating func line(_ style: String, _ from: (Double, Double), _ to: (Double, Double)) {
    body +=
      "<line class=\"\(style)\" x1=\"\(Self.number(from.0))%\" y1=\"\(Self.number(from.1))\" "
      + "x2=\"\(Self.number(to.0))%\" y2=\"\(Self.number(to.1))\"/>\n"
  }

  private mutating func write(
    _ words: String, at x: Double, _ y: Double, anchor: String = "start", style: String = "label"
  ) {
    body +=
      "<text class=\"\(style)\" x=\"\(Self.number(x))%\" y=\"\(Self.number(y))\" "
      + "text-anchor=\"\(anchor)\">\(words.safe(limit: 300).escapedForMarkup)</text>\n"
  }

  // MARK: The axis and the bars

  private static let steps: [Double] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200,
    21_600, 86_400,
  ]

  private mutating func drawAxis() {
    let step = Self.steps.first { length / $0 <= 5 } ?? length
    let last = Int((length / step).rounded(.down))
    for mark in 0...max(0, min(last, 6)) {
      let seconds = Double(mark) * step
      let x = min(Self.width, seconds / length * Self.width)
      let anchor = mark == 0 ? "start" : x > 94 ? "end" : "middle"
      write(
        seconds.inHundredths + (mark == last || mark == 0 ? " s" : ""), at: x, 12, anchor: anchor,
        style: "tick")
      line("grid", (x, 16), (x, 20))
    }
    bottom = 20
    line("grid", (0, bottom), (Self.width, bottom))
  }

  private mutating func drawPrimary() {
    let before = failover.primaryBefore?.short ?? "unknown"
    let gone = failover.primaryGone?.at
    let seen = failover.newPrimarySeen?.at
    let after = failover.primaryAfter?.short ?? "a primary"
    let words =
      "primary \(before)" + (gone == nil ? "" : ", then none")
      + (seen == nil ? "" : ", then \(after)")
    write(words, at: 0, bottom + Self.labelHeight - 5)
    let y = bottom + Self.labelHeight
    rect("serving", 0, place(gone ?? seen ?? end), y: y, height: Self.barHeight)
    if let gone { rect("none", place(gone), place(seen ?? end), y: y, height: Self.barHeight) }
    if let seen { rect("serving after", place(seen), place(end), y: y, height: Self.barHeight) }
    bottom = y + Self.barHeight + Self.gap
  }

  private mutating func draw(_ track: Failover.Track) {
    var words = wording.vtgate(track)
    if track.started == nil {
      words += ": not buffered"
    } else if track.sharesPoll {
      words += ": \(track.duration.map { "\($0.tight) " } ?? "")somewhere between two polls"
    } else if let duration = track.duration {
      words += ": \(duration.tight)"
    }
    write(words, at: 0, bottom + Self.labelHeight - 5)
    let y = bottom + Self.labelHeight
    rect("ground", 0, Self.width, y: y, height: Self.barHeight)
    for span in track.spans(until: report.asOf) {
      rect(span.kind.rawValue, place(span.from), place(span.to), y: y, height: Self.barHeight)
    }
    drawLimits(track, y)
    bottom = y + Self.barHeight + Self.gap
  }

  /// The window and the maximum, as far as they lie on the axis.
  private mutating func drawLimits(_ track: Failover.Track, _ y: Double) {
    guard let started = track.started else { return }
    let begin = started.at - (started.uncertainty ?? .zero)
    for (limit, name) in [(BufferFlags.Limit.window, "window"), (.maximum, "max")] {
      let time = track.flags[limit].time
      guard (begin + time - start).seconds < length else { continue }
      let x = place(begin + time)
      line("limit", (x, y - 3), (x, y + Self.barHeight + 3))
      write(
        "\(name) \(time.inTenths)", at: x, y - 4, anchor: x > 50 ? "end" : "start", style: "tick")
    }
  }

  // MARK: Numbers over time

  /// A value and the span of time during which it held.
  private typealias Step = (from: Instant, to: Instant, value: Double)

  private func steps(_ series: Series) -> [Step] {
    let points = series.points.filter { $0.value.isFinite && $0.at <= end }
    return points.enumerated().map { index, point in
      let next = index + 1 < points.count ? points[index + 1].at : end
      return (max(start, point.at), max(start, next), max(0, point.value))
    }
  }

  /// Requests held by all vtgates together.
  private var held: [Step] {
    let moments = Set(
      failover.tracks.flatMap { track in
        track.held.points.map(\.at)
          + (track.unseenPeak.map { [max(start, $0.from), $0.to] } ?? [])
      } + [start, end]
    ).filter { $0 >= start && $0 <= end }.sorted()
    return zip(moments, moments.dropFirst()).compactMap { from, to in
      // Looked up at the beginning of each step, so that a step holds nothing that came later.
      failover.held(from: from, to: from + .nanoseconds(1)).map { (from, to, max(0, $0.most)) }
    }
  }

  private mutating func drawSeries(
    _ name: String, _ steps: [Step], style: String, limit: (value: Double, words: String)?,
    number: (Double) -> String
  ) {
    let most = steps.map(\.value).max() ?? 0
    guard most > 0 || (!steps.isEmpty && style != "failed") else { return }
    let height = 44.0
    // A limit far above all values would flatten them into the axis.
    let sight = limit.flatMap { $0.value <= most * 8 || most == 0 ? $0 : nil }
    let top = max(most, sight?.value ?? 0, .leastNonzeroMagnitude)
    write(
      "\(name): \(number(most)) at most" + (limit.map { ", \($0.words)" } ?? ""), at: 0,
      bottom + Self.labelHeight - 5)
    let y = bottom + Self.labelHeight
    for step in steps where step.value > 0 && step.to > step.from {
      let tall = max(1, step.value / top * height)
      rect(style, place(step.from), place(step.to), y: y + height - tall, height: tall)
    }
    if let sight {
      let level = y + height - sight.value / top * height
      line("limit", (0, level), (Self.width, level))
    }
    line("grid", (0, y + height), (Self.width, y + height))
    bottom = y + height + Self.gap
  }
}
