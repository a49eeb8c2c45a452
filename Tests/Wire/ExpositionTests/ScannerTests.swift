import Exposition
import Foundation
import TestSupport
import Testing

/// A sample as values, to compare.
struct Taken: Equatable {
  var name: String
  var labels: [String]
  var value: String
  var timestamp: Int64?
}

func scan(
  _ chunks: [[UInt8]], _ selectors: [Selection.Selector]
) -> (samples: [Taken], diagnostics: [Diagnostic]) {
  var scanner = Scanner(Selection(selectors))
  var samples: [Taken] = []
  func take(_ sample: Sample) {
    let labels = (0..<sample.labelCount).map { index in
      let label = sample.label(at: index)
      return "\(label.name)=\(label.value)"
    }
    samples.append(
      Taken(
        name: sample.name, labels: labels, value: "\(sample.value)", timestamp: sample.timestamp))
  }
  for chunk in chunks { scanner.scan(chunk, take) }
  scanner.finish(take)
  return (samples, scanner.diagnostics)
}

func scan(
  _ text: String, _ selectors: [Selection.Selector] = [.prefix("m")]
) -> (samples: [Taken], diagnostics: [Diagnostic]) {
  scan([Array(text.utf8)], selectors)
}

@Suite struct ScannerTests {
  struct Line: CustomTestStringConvertible, Sendable {
    let text: String
    let labels: [String]
    let value: String
    var timestamp: Int64?
    var testDescription: String { text.debugDescription }

    init(_ text: String, _ labels: [String] = [], _ value: String, at timestamp: Int64? = nil) {
      self.text = text
      self.labels = labels
      self.value = value
      self.timestamp = timestamp
    }
  }

  static let good: [Line] = [
    Line("m 1", "1.0"),
    Line("m 1\n", "1.0"),
    Line("m 1\r\n", "1.0"),
    Line("  m\t1  ", "1.0"),
    Line("m{} 0", "0.0"),
    Line("m{a=\"b\"} 2", ["a=b"], "2.0"),
    Line("m{a=\"b\",} 2", ["a=b"], "2.0"),
    Line("m { a = \"b\" , c = \"d\" } 2", ["a=b", "c=d"], "2.0"),
    Line("m{c=\"d\",a=\"b\"} 2", ["c=d", "a=b"], "2.0"),
    Line("m{a=\"}{,= \"} 3", ["a=}{,= "], "3.0"),
    Line(#"m{a="\"\\\n"} 3"#, ["a=\"\\\n"], "3.0"),
    Line(#"m{a="\d"} 3"#, [#"a=\d"#], "3.0"),
    Line("m{a=\"\"} 3", ["a="], "3.0"),
    Line("m{a=\"größe\"} 3", ["a=größe"], "3.0"),
    Line("m 1.5e+09", "1500000000.0"),
    Line("m -0", "-0.0"),
    Line("m .5", "0.5"),
    Line("m NaN", "nan"),
    Line("m +Inf", "inf"),
    Line("m -Inf", "-inf"),
    Line("m 123456789012345678", "1.2345678901234568e+17"),
    Line("m 4 1700000000000", "4.0", at: 1_700_000_000_000),
    Line("m 4 -1\r\n", "4.0", at: -1),
  ]

  @Test(arguments: good) func readsALine(_ line: Line) {
    let result = scan(line.text)
    #expect(result.diagnostics.isEmpty)
    #expect(
      result.samples == [
        Taken(name: "m", labels: line.labels, value: line.value, timestamp: line.timestamp)
      ])
  }

  @Test(
    arguments: zip(
      [
        "m", "m{a=\"b\"}", "m{a=\"b} 1", "m{a=b} 1", "m{a=\"b\" c=\"d\"} 1", "m{=\"b\"} 1", "m x",
        "m 1 x", "m 1 2 3", "m 0x10", "m 1e999x", "<html>", "{\"m\"} 1", "\u{1}\u{2}",
      ],
      [
        Diagnostic.Problem.missingValue, .missingValue, .badLabels, .badLabels, .badLabels,
        .badLabels,
        .badValue, .badTimestamp, .trailingText, .badValue, .badValue, .notALine, .notALine,
        .notALine,
      ]))
  func skipsAndReportsAMalformedLine(_ line: String, _ problem: Diagnostic.Problem) {
    let result = scan("# one\nm 1\n\(line)\nm 2\n")
    #expect(result.samples.map(\.value) == ["1.0", "2.0"])
    #expect(result.diagnostics == [Diagnostic(line: 3, problem: problem)])
  }

  /// As Go writes them, and as others might.
  @Test func numbersAreReadAsTheGeneralParserReadsThem() {
    var dice = Dice(7)
    var texts = [
      "0", "-0", "1e+06", "1.234567e+06", "9.99999999999999e+22", "1e+23", "1e-22", "1e-23",
      "123456789012345", "1234567890123456", "0.1", "0.000123456789012345", "00017", "1.", "1.e+5",
      "1e5", "1e+", "1.5e+0007", "4.9e-324", "1.7976931348623157e+308", "179769313486231580793",
    ]
    for _ in 0..<2000 {
      let number = Double.random(in: 0...1, using: &dice)
      let power = Int.random(in: -30...30, using: &dice)
      let digits = Int.random(in: 0...17, using: &dice)
      texts.append(String(format: "%.\(digits)e", number))
      texts.append(String(format: "%.\(digits)f", number * pow(10, Double(power))))
      texts.append(
        "\(Int.random(in: 0...999, using: &dice)).\(Int.random(in: 0...999_999, using: &dice))e"
          + (power < 0 ? "-" : "+") + String(format: "%02d", abs(power)))
    }
    for text in texts {
      let samples = scan("m \(text)\n").samples
      #expect(samples.map(\.value) == Double(text).map { ["\($0)"] } ?? [], "\(text)")
    }
  }

  @Test func selectsByNameAndByPrefix() {
    let text = "abc 1\nabcd 2\nabc{x=\"y\"} 3\nab 4\nlonger_name_total 5\nlonger_name 6\nabc_d 7\n"
    #expect(scan(text, [.name("abc")]).samples.map(\.value) == ["1.0", "3.0"])
    #expect(scan(text, [.prefix("abc")]).samples.map(\.value) == ["1.0", "2.0", "3.0", "7.0"])
    #expect(scan(text, [.name("longer_name")]).samples.map(\.value) == ["6.0"])
    #expect(scan(text, [.name("ab")]).samples.map(\.value) == ["4.0"])
    #expect(scan(text, []).samples.isEmpty)
  }

  @Test func commentsAndUnwantedLinesAreNoConcern() {
    let result = scan("# HELP m what\n# m 5\n  # m 6\nother{broken 1\n\n \nm 1")
    #expect(result.samples.map(\.value) == ["1.0"])
    #expect(result.diagnostics.isEmpty)
  }

  @Test func aLineBeyondTheLimitIsSkippedAndReported() {
    let long = "m{a=\"" + String(repeating: "x", count: Scanner.lineLimit) + "\"} 1"
    for size in [1000, long.utf8.count + 100] {
      let bytes = Array("m 1\n\(long)\nm 2\n".utf8)
      let chunks = stride(from: 0, to: bytes.count, by: size).map {
        Array(bytes[$0..<min($0 + size, bytes.count)])
      }
      let result = scan(chunks, [.prefix("m")])
      #expect(result.samples.map(\.value) == ["1.0", "2.0"])
      #expect(result.diagnostics == [Diagnostic(line: 2, problem: .tooLong)])
    }
  }

  @Test func diagnosticsAreBoundedAndCounted() {
    var scanner = Scanner(Selection([.prefix("m")]))
    scanner.scan(Array(String(repeating: "m x\n", count: 1000).utf8)) { _ in }
    #expect(scanner.diagnostics.count == Scanner.diagnosticLimit)
    #expect(scanner.malformedLines == 1000)
  }
}

@Suite struct ScannerPropertyTests {
  static let selectors: [Selection.Selector] = [
    .prefix("vtgate_buffer_"), .name("process_start_time_seconds"), .prefix("vttablet_throttler"),
  ]

  /// A slow reader that shares nothing with the scanner: lines, then a regular expression.
  static func reference(_ text: String) throws -> [Taken] {
    let wanted = ["vtgate_buffer_", "vttablet_throttler"]
    let label = /(\w+)="((?:[^"\\]|\\.)*)"/
    return text.split(separator: "\n").compactMap { line in
      let name = line.prefix { $0 != "{" && $0 != " " }
      guard name == "process_start_time_seconds" || wanted.contains(where: { name.hasPrefix($0) })
      else { return nil }
      let value = line[line.index(after: line.lastIndex(of: " ") ?? line.startIndex)...]
      return Taken(
        name: String(name), labels: line.matches(of: label).map { "\($0.1)=\($0.2)" },
        value: "\(Double(value) ?? .nan)", timestamp: nil)
    }
  }

  @Test(arguments: Fixtures.paths { $0.hasSuffix("metrics.txt.gz") })
  func readsEveryRecordedBodyAsASlowReaderDoes(_ path: String) throws {
    let body = try Fixtures.data(path)
    let result = scan([Array(body)], Self.selectors)
    #expect(result.diagnostics.isEmpty)
    #expect(result.samples == (try Self.reference(String(decoding: body, as: UTF8.self))))
    #expect(!result.samples.isEmpty)
  }

  @Test func everyWayOfCuttingABodyGivesTheSame() throws {
    let text = """
      # HELP vtgate_buffer_size x\r
      vtgate_buffer_size 10\r
      vtgate_buffer_starts{keyspace="a\\"b",shard_name="-80",} 3 17
      vtgate_bu 4
      vtgate_buffer_stops{bad
      other{a="vtgate_buffer_x"} 9
      <html>

      process_start_time_seconds 1.7e+09
      process_start_time_seconds_more 1
      vtgate_buffer_requests_drained{shard_name="0"} NaN
      """
    let bytes = Array(text.utf8)
    let whole = scan([bytes], Self.selectors)
    #expect(whole.samples.count == 4)
    for first in 0...bytes.count {
      for second in stride(from: first, through: bytes.count, by: 7) {
        let cut = scan(
          [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])],
          Self.selectors)
        #expect(cut.samples == whole.samples, "cut at \(first) and \(second)")
        #expect(cut.diagnostics == whole.diagnostics, "cut at \(first) and \(second)")
      }
    }
    let single = scan(bytes.map { [$0] }, Self.selectors)
    #expect(single.samples == whole.samples)
    #expect(single.diagnostics == whole.diagnostics)
  }

  @Test func randomCutsOfARecordedBodyGiveTheSame() throws {
    let body = Array(
      try Fixtures.data("vitess-22/http/healthy-idle-after-failover/vtgate.metrics.txt.gz"))
    let whole = scan([body], Self.selectors)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<50 {
      var chunks: [[UInt8]] = []
      var start = 0
      while start < body.count {
        let end = min(body.count, start + Int.random(in: 1...4000, using: &random))
        chunks.append(Array(body[start..<end]))
        start = end
      }
      let cut = scan(chunks, Self.selectors)
      #expect(cut.samples == whole.samples)
    }
  }

  @Test func noBytesTrapIt() throws {
    var random = SystemRandomNumberGenerator()
    let body = Array(
      try Fixtures.data("vitess-16/http/healthy-idle/vtgate.metrics.txt.gz").prefix(20_000))
    let alphabet = Array("m{}=\",\\ \n\r\t#0123.eE+-NaInf\u{0}\u{FF}".utf8)
    for _ in 0..<300 {
      let noise = (0..<Int.random(in: 0...500)).map { _ in
        Bool.random(using: &random) ? UInt8.random(in: 0...255) : alphabet.randomElement() ?? 0
      }
      _ = scan([noise], [.prefix(""), .name("m")])
      var mutated = body
      for _ in 0..<50 {
        mutated[Int.random(in: 0..<mutated.count)] = alphabet.randomElement() ?? 0
      }
      let cut = Int.random(in: 0..<mutated.count)
      _ = scan([Array(mutated[..<cut]), Array(mutated[cut...])], Self.selectors)
    }
  }
}

extension ScannerTests.Line {
  init(_ text: String, _ value: String, at timestamp: Int64? = nil) {
    self.init(text, [], value, at: timestamp)
  }
}
