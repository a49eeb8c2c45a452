import Terms
import Testing

@Suite struct DurationTests {
  @Test(
    arguments: zip(
      ["10s", "1m30s", "1.5h", "250ms", ".5s", "0", "-2s", "+1µs"],
      [
        .seconds(10), .seconds(90), .seconds(5400), .milliseconds(250), .milliseconds(500), .zero,
        .seconds(-2), .microseconds(1),
      ] as [Duration]))
  func isReadAsGoReadsIt(_ text: String, _ expected: Duration) throws {
    #expect(try Duration(goText: text) == expected)
  }

  @Test(
    arguments: zip(
      ["", "-", "5", "s", "1x", "1e3s", "1..5s", "9999999999h", "٣s"],
      [
        #"time: invalid duration """#, #"time: invalid duration "-""#,
        #"time: missing unit in duration "5""#, #"time: invalid duration "s""#,
        #"time: unknown unit "x" in duration "1x""#, #"time: unknown unit "e" in duration "1e3s""#,
        #"time: invalid duration "1..5s""#, #"time: invalid duration "9999999999h""#,
        #"time: invalid duration "٣s""#,
      ]))
  func isRefusedInGoesWords(_ text: String, _ words: String) {
    let problem = #expect(throws: GoDurationProblem.self) { try Duration(goText: text) }
    #expect(problem?.description == words)
  }

  @Test(
    arguments: zip(
      [
        .zero, .nanoseconds(1), .microseconds(1500), .milliseconds(250), .seconds(60),
        .seconds(5400),
      ],
      ["0s", "1ns", "1.5ms", "250ms", "1m0s", "1h30m0s"]
    ) as Zip2Sequence<[Duration], [String]>)
  func isPrintedAsGoPrintsIt(_ duration: Duration, _ text: String) throws {
    #expect(duration.goText == text)
    #expect(try Duration(goText: text) == duration)
  }

  /// Seconds, and how each format writes them.
  private static let formats:
    [(Double, tenths: String, tight: String, countdown: String, flag: String)] = [
      (0, "0.0 s", "0 ms", "0s", "0s"),
      (0.04, "40 ms", "40 ms", "1s", "0s"),
      (0.1, "0.1 s", "100 ms", "1s", "0s"),
      (1.25, "1.3 s", "1.25 s", "2s", "1s"),
      (12.34, "12.3 s", "12.3 s", "13s", "12s"),
      (59.96, "1m00s", "1m00s", "1m00s", "1m"),
      (125, "2m05s", "2m05s", "2m05s", "2m5s"),
      (5400, "1h30m", "1h30m", "1h30m", "1h30m"),
      (864_000, "240h00m", "240h00m", "10d", "240h"),
    ]

  @Test(arguments: formats.indices)
  func isWrittenForItsPlace(_ index: Int) {
    let (seconds, tenths, tight, countdown, flag) = Self.formats[index]
    let duration = Duration.seconds(seconds)
    #expect(duration.inTenths == tenths)
    #expect(duration.tight == tight)
    #expect(duration.countdown == countdown)
    #expect(duration.asFlag == flag)
  }

  @Test(
    arguments: zip(
      [0, 951_782_400, 1_709_164_799.9999, 1_764_195_802.48, -1],
      [
        "1970-01-01T00:00:00.000Z", "2000-02-29T00:00:00.000Z", "2024-02-28T23:59:59.999Z",
        "2025-11-26T22:23:22.480Z", "1969-12-31T23:59:59.000Z",
      ]) as Zip2Sequence<[Double], [String]>)
  func anInstantIsWrittenInUTC(_ seconds: Double, _ text: String) {
    #expect(Instant(secondsSinceEpoch: seconds).rfc3339 == text)
  }
}
