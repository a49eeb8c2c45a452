import FleetModel
import Foundation
import Reporting
import TerminalKit
import Terms
import Testing
import Watching
import Wording

/// What a report says, in each of its shapes.
@Suite struct ReportTests {
  private static let whole = ReportedFailover().report(
    deeds: [
      Report.Deed(
        at: ReportedFailover.start + .seconds(4), action: "reparent commerce/0 to zone1-101",
        outcome: "done", verdict: "zone1-101 is primary", who: "anna@bastion")
    ],
    notes: [
      Report.Note(at: ReportedFailover.start + .seconds(6), words: "the drill of <Friday>"),
      Report.Note(at: ReportedFailover.start + .seconds(1000), words: "lunch"),
    ])

  @Test func itsFactsAreThoseOfTheWatch() throws {
    let report = try #require(Self.whole.failovers.first)
    #expect(Self.whole.failovers.count == 1 && report.number == 1)
    #expect(report.failover.ended != nil && !report.isEndUnseen)
    #expect(report.failover.counts.buffered == 9 && report.failover.counts.lost == 3)
    #expect(!report.failover.isBeginningUnseen)
    #expect(!report.advice.contains { $0.rule == .coolDown })
    #expect(report.advice.contains { $0.rule == .bufferTooSmall })
    #expect(!report.events.isEmpty)
  }

  @Test func markdownTellsAllOfIt() {
    let text = MarkdownText.of(Self.whole)
    for words in [
      "# Failovers of prod", "## Failover 1 of commerce/0", "(UTC+1)",
      "The primary of commerce/0 changed from zone1-100 to zone1-101; 1 vtgate buffered for 2.3 s, "
        + "at most 9 requests at a time.",
      "failed (UNAVAILABLE 3); 9 requests waited for ",
      "```text\n", "| gate1.example:15001 | lost some | 2.35 s | 9 of 10 | 9 | 6 | BufferFull 3 |",
      "LastFailoverTooRecent 6", "### Limits in force",
      "Vitess' default, as its flags could not be read",
      "Unknown before, unknown during it, unknown after it; ",
      "anna&#64;bastion: reparent commerce/0 to zone1-101: done, zone1-101 is primary",
      "the drill of &lt;Friday&gt;", "### Advice", "## At other times", "lunch",
    ] { #expect(text.contains(words), "\(words) is missing in:\n\(text)") }
  }

  /// The picture is the screen's: the same textures on the same axis.
  @Test func thePictureInMarkdownIsTheScreens() {
    let lines = MarkdownText.of(Self.whole).split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix(" gate1.example") && $0.contains("█") })
    #expect(lines.contains { $0.hasPrefix(" primary") && $0.contains("● zone1-101") })
    #expect(lines.contains { $0.contains("size 10") })
  }

  @Test func aPageIsOneFileThatRunsAndFetchesNothing() {
    let page = HTMLPage.of(Self.whole)
    #expect(page.hasPrefix("<!DOCTYPE html>"))
    for word in ["<script", "http:", "https:", "src=", "href=", "url(", "@import", " on"] {
      #expect(!page.contains(word) || word == " on", "\(word)")
    }
    #expect(!page.contains(/<[^>]* on[a-z]+=/))
    for words in [
      "prefers-color-scheme: dark", "@media print", "width=device-width",
      "<svg role=\"img\"", "<rect class=\"buffering\"", "<rect class=\"none\"",
      "<p class=\"verdict bad\">Recovered with failures, ",
      "data-label=\"Evicted\">BufferFull 3</td>",
      "the drill of &lt;Friday&gt;",
    ] { #expect(page.contains(words), "\(words) is missing") }
    Self.expectWellFormed(page)
  }

  @Test func hostileNamesStayText() {
    let evil = "\"><script>alert(1)</script>`|*@[x](https://e.vil)\u{202E}\n# x"
    var hostile = ReportedFailover()
    hostile.shard = ShardName(keyspace: "commerce", shard: "0\(evil)")
    hostile.cell = "z\(evil)"
    let report = hostile.report(
      deeds: [
        Report.Deed(
          at: hostile.report().began, action: evil, outcome: evil, verdict: evil, who: evil)
      ], notes: [Report.Note(at: hostile.report().began, words: evil)], damage: evil)
    #expect(report.failovers.count == 1)
    let page = HTMLPage.of(report)
    #expect(!page.contains("<script") && !page.contains("\u{202E}"))
    Self.expectWellFormed(page)
    let text = MarkdownText.of(report)
    #expect(!text.contains("\u{202E}"))
    var isFenced = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") { isFenced.toggle() }
      guard !isFenced else { continue }
      #expect(!line.contains("<script") && !line.contains("](https:") && line != "# x", "\(line)")
    }
    #expect(!isFenced)
  }

  @Test func hostsAreMaskedEverywhere() {
    let mask = HostMask([ReportedFailover.gate, ReportedFailover.late])
    for text in [HTMLPage.of(Self.whole, mask: mask), MarkdownText.of(Self.whole, mask: mask)] {
      #expect(!text.contains("gate1") && !text.contains("example") && !text.contains("bastion"))
      #expect(text.contains("vtgate-1") && text.contains("zone1-101"))
    }
  }

  @Test func whatBeganBeforeIsSaid() throws {
    var late = ReportedFailover()
    late.first = 6
    let report = late.report()
    #expect(try #require(report.failovers.first).failover.isBeginningUnseen)
    #expect(MarkdownText.of(report).contains("It was going on when watching began"))
  }

  @Test func whatIsNotOverIsSaid() throws {
    var cut = ReportedFailover()
    cut.last = 6
    let report = cut.report()
    #expect(try #require(report.failovers.first).isEndUnseen)
    let text = MarkdownText.of(report)
    #expect(text.contains("It was still going on at 2026-"), "\(text)")
    #expect(text.contains("| Over | not seen |"))
  }

  @Test func aReportOfNothingSaysSo() {
    var calm = ReportedFailover()
    calm.last = 4
    let text = MarkdownText.of(calm.report(damage: "it is damaged after noon"))
    #expect(text.contains("No failover from 2026-"))
    #expect(text.contains("> The recording could not be read to its end: it is damaged after noon"))
  }

  @Test func limitsSayWhereTheyAreKnownFrom() {
    var known = ReportedFailover()
    known.flags = BufferFlags(source: .commandLine)
    known.flags?.isEnabled = true
    known.flags?.window = .seconds(7)
    let text = MarkdownText.of(known.report())
    #expect(text.contains("| Window | 7.0 s | vtgate's command line | all 2 |"), "\(text)")
    #expect(text.contains("| Buffers this shard | yes | vtgate's command line | all 2 |"))
  }

  /// Every element is closed, and no attribute is left open.
  private static func expectWellFormed(_ page: String) {
    let void: Set<String> = ["meta", "!DOCTYPE"]
    var open: [String] = []
    let body = page.replacing(/<style>[\s\S]*?<\/style>/, with: "")
    for tag in body.matches(
      of: /<(\/?)([A-Za-z0-9!]+)((?:\s+[a-zA-Z0-9-]+(?:="[^"<]*")?)*)\s*(\/?)>/)
    {
      let name = String(tag.2)
      if tag.1.isEmpty {
        if tag.4.isEmpty, !void.contains(name) { open.append(name) }
      } else {
        #expect(open.popLast() == name)
      }
    }
    #expect(open == [])
    // Whatever is not a tag has no angle bracket.
    let rest = body.replacing(
      /<\/?[A-Za-z0-9!]+(?:\s+[a-zA-Z0-9-]+(?:="[^"<]*")?)*\s*\/?>/, with: "")
    #expect(!rest.contains("<") && !rest.contains(">"))
  }
}
