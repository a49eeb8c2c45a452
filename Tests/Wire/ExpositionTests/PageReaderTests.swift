import Exposition
import Foundation
import TestSupport
import Testing

/// Reads pages with one reader, and tells them in names.
private struct Pages {
  private var reader = PageReader(Selection([.prefix("m")]))
  private var series = Series()

  private struct Series {
    var names: [String] = []
    var learned = 0

    mutating func learn(_ sample: Sample) {
      learned += 1
      names.append(Pages.name(sample))
    }
  }

  /// How many series have been learned.
  var learned: Int { series.learned }

  struct Page: Equatable {
    var samples: [String] = []
    var diagnostics: [Diagnostic] = []
  }

  var isSame: Bool { reader.isSame }

  mutating func begin() {
    if reader.begin() { series.names = [] }
  }

  mutating func scan(_ text: some Sequence<UInt8>) {
    Array(text).withUnsafeBytes { bytes in
      reader.scan(bytes) { series.learn($0) }
    }
  }

  mutating func finish() -> Page {
    reader.finish { series.learn($0) }
    let samples = zip(reader.order, reader.values).map { "\(series.names[Int($0)]) \($1)" }
    #expect(samples.count == reader.samples)
    return Page(samples: samples, diagnostics: reader.diagnostics)
  }

  mutating func read(_ text: some Sequence<UInt8>) -> Page {
    begin()
    scan(text)
    return finish()
  }

  mutating func read(_ text: String) -> [String] { read(text.utf8).samples }

  static func name(_ sample: Sample) -> String {
    let labels = (0..<sample.labelCount).map { sample.label(at: $0) }
    return sample.name + labels.map { ",\($0.name)=\($0.value)" }.joined()
  }

  /// The same by a scanner that remembers nothing.
  static func anew(_ text: [UInt8]) -> Page {
    var scanner = Scanner(Selection([.prefix("m")]))
    var page = Page()
    func take(_ sample: Sample) { page.samples.append("\(name(sample)) \(sample.value)") }
    scanner.scan(text, take)
    scanner.finish(take)
    page.diagnostics = scanner.diagnostics
    return page
  }
}

@Suite struct PageReaderTests {
  private static let text = """
    # HELP m_a what
    m_a{s="0"} 1
    m_a{s="1"} 2
    other 5
    m_b 3
    m_c{s="0"} 4

    """

  @Test func whatWasNamedBeforeIsLearnedOnce() {
    var pages = Pages()
    let first = pages.read(Self.text)
    #expect(first == ["m_a,s=0 1.0", "m_a,s=1 2.0", "m_b 3.0", "m_c,s=0 4.0"])
    #expect(!pages.isSame)
    #expect(pages.read(Self.text) == first)
    #expect(pages.isSame)
    #expect(pages.read(Self.text.replacing("other 5", with: "another{x=\"y\"} 6")) == first)
    #expect(pages.isSame)
    #expect(
      pages.read(Self.text.replacing("m_b 3", with: "m_b 1.5e+07")) == [
        "m_a,s=0 1.0", "m_a,s=1 2.0", "m_b 15000000.0", "m_c,s=0 4.0",
      ])
    #expect(!pages.isSame)
    #expect(pages.learned == 4)
  }

  @Test func seriesMayComeGoAndMove() {
    var pages = Pages()
    _ = pages.read(Self.text)
    let steps: [(String, [String])] = [
      (
        "m_a{s=\"0\"} 1\nm_a{s=\"00\"} 7\nm_a{s=\"1\"} 2\nm_b 3\n",
        ["m_a,s=0 1.0", "m_a,s=00 7.0", "m_a,s=1 2.0", "m_b 3.0"]
      ),
      ("m_b 3\nm_a{s=\"0\"} 1\n", ["m_b 3.0", "m_a,s=0 1.0"]),
      ("m_b 4\nm_b 5\n", ["m_b 4.0", "m_b 5.0"]),
      ("m_b 4\nm_b 5\n", ["m_b 4.0", "m_b 5.0"]),
      ("", []),
      ("m_c{s=\"0\"} 4\nm_b 9", ["m_c,s=0 4.0", "m_b 9.0"]),
      ("m_c{s=\"0\"}4\n  m_b\t9 17\r\n", ["m_c,s=0 4.0", "m_b 9.0"]),
    ]
    for (text, samples) in steps { #expect(pages.read(text) == samples) }
    #expect(pages.isSame)
  }

  /// A line like the one expected is not always that one.
  @Test(arguments: [
    "m_b{s=\"0\"} 3", "m_b {s=\"0\"} 3", "m_bb 3", "m_b 3x", "m_b NaN", "m_b -3", "m_b 3 4 5",
    "m_b",
    "m_b ", "m_b 12345678901234567890", "m_b 3 1700000000000", "m_b 3\r", "m_b 1e+400", "m_b 0x1",
  ])
  func whatOnlyLooksLikeTheExpectedSeriesIsReadForWhatItIs(_ line: String) {
    var pages = Pages()
    _ = pages.read(Self.text)
    let text = Array(Self.text.replacing("m_b 3", with: line).utf8)
    #expect(pages.read(text) == Pages.anew(text))
    #expect(pages.read(Array(Self.text.utf8)) == Pages.anew(Array(Self.text.utf8)))
  }

  @Test func aPageThatWasNotFinishedCountsForNothing() {
    var pages = Pages()
    let whole = pages.read(Self.text)
    pages.begin()
    pages.scan("m_a{s=\"0\"} 8\nm_a{s=\"1".utf8)
    pages.begin()
    #expect(pages.read(Self.text) == whole)
    #expect(!pages.isSame)
    #expect(pages.read(Self.text) == whole)
    #expect(pages.isSame)
    #expect(pages.learned == 4)
  }

  @Test func aPageWithLinesThatCannotBeReadIsNeverTheSame() {
    var pages = Pages()
    let broken = Self.text + "m_d{ 5\n"
    for _ in 0..<2 {
      #expect(
        pages.read(Array(broken.utf8)).diagnostics == [Diagnostic(line: 7, problem: .badLabels)])
      #expect(!pages.isSame)
    }
    pages.begin()
    _ = pages.read(Self.text)
    #expect(!pages.isSame)
  }

  @Test func whatIsNotNamedAnyMoreIsForgotten() {
    var pages = Pages()
    for page in 0..<50 {
      let lines = (0..<100).map { "m{page=\"\(page)\",line=\"\($0)\"} 1\n" }
      #expect(pages.read(lines.joined()).count == 100)
    }
    // Learned anew only where it was named by no page for a while.
    #expect(pages.learned == 5000)
    _ = pages.read("m{page=\"0\",line=\"0\"} 1\n")
    #expect(pages.learned == 5001)
  }

  @Test func anySequenceOfPagesIsReadAsByAScannerThatRemembersNothing() throws {
    var dice = Dice(36)
    let body = Array(
      try Fixtures.data("vitess-16/http/healthy-idle/vtgate.metrics.txt.gz").prefix(9_000))
    let mutations = Mutations(of: [Array(Self.text.utf8), body], seed: 3)
    var lines = String(decoding: body, as: UTF8.self).replacing("vtgate_", with: "m_")
      .split(separator: "\n").map { $0 + "\n" }
    var pages = Pages()
    for _ in 0..<3000 {
      var text = Array(lines.joined().utf8)
      switch Int.random(in: 0..<8, using: &dice) {
      case 0: text = mutations.next()
      case 1:
        lines.swapAt(
          .random(in: lines.indices, using: &dice), .random(in: lines.indices, using: &dice))
      case 2: lines.remove(at: .random(in: lines.indices, using: &dice))
      case 3:
        let series =
          ["m_new{s=\"\(Int.random(in: 0..<9, using: &dice))\"}", "m_more"].randomElement(
            using: &dice) ?? ""
        lines.insert(
          "\(series) \(Int.random(in: 0..<99, using: &dice))\n",
          at: .random(in: lines.indices, using: &dice))
      case 4:
        for _ in 0..<5 {
          let place = Int.random(in: text.indices, using: &dice)
          text[place] = Array("09 {}\"=,\n\r\\.e+NaN#m_".utf8).randomElement(using: &dice) ?? 0
        }
      case 5:
        pages.begin()
        pages.scan(text.prefix(.random(in: 0...text.count, using: &dice)))
      default: break
      }
      pages.begin()
      var rest = text[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...6_000, using: &dice))
        pages.scan(piece)
        rest = rest.dropFirst(piece.count)
      }
      let page = pages.finish()
      guard page == Pages.anew(text) else {
        Issue.record("read otherwise: \(String(decoding: text, as: UTF8.self))")
        return
      }
      if lines.count < 20 {
        lines += String(decoding: body, as: UTF8.self).replacing("vtgate_", with: "m_").split(
          separator: "\n"
        ).map { $0 + "\n" }
      }
    }
  }
}
