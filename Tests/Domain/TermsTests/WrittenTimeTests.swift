import Terms
import Testing

@Suite struct WrittenTimeTests {
  /// 2026-11-27T14:03:22Z.
  private static let noon = Instant(secondsSinceEpoch: 1_795_788_202)

  private static func read(_ text: String, utcOffset: Int = 0) -> String? {
    Instant(written: text, since: noon, utcOffset: utcOffset)?.rfc3339
  }

  @Test func aTimeIsTheFirstOneFromThereOn() {
    #expect(Self.noon.rfc3339 == "2026-11-27T14:03:22.000Z")
    #expect(Self.read("14:03:22") == "2026-11-27T14:03:22.000Z")
    #expect(Self.read("14:03:21") == "2026-11-28T14:03:21.000Z")
    #expect(Self.read("23:59") == "2026-11-27T23:59:00.000Z")
    #expect(Self.read("15:03:22.25", utcOffset: 3600) == "2026-11-27T14:03:22.250Z")
    #expect(Self.read("01:00", utcOffset: 7200) == "2026-11-27T23:00:00.000Z")
  }

  @Test func aDateCountsAsItIsWritten() {
    #expect(Self.read("2024-02-29 12:00", utcOffset: 3600) == "2024-02-29T11:00:00.000Z")
    #expect(Self.read("2026-11-27T14:03:22.480Z", utcOffset: 3600) == "2026-11-27T14:03:22.480Z")
    #expect(Self.read("2026-03-01T00:00:00Z") == "2026-03-01T00:00:00.000Z")
  }

  @Test func nothingElseIsATime() {
    for text in [
      "", "14", "25:00", "14:60", "14:03:99", "2026-13-01 14:03", "14:03:22 ", "9999-01-01 10:00",
    ] {
      #expect(Self.read(text) == nil, "\(text)")
    }
  }
}
