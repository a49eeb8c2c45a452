import FleetModel
import Foundation
import Lines
import Reporting
import Terms
import Testing
import Watching
import Wording

/// A report as JSON.
@Suite struct ReportLineTests {
  private static let report = Report(
    of: "prod", from: Instant(secondsSinceEpoch: 1_795_000_000),
    to: Instant(secondsSinceEpoch: 1_795_000_060), utcOffset: 0, [],
    deeds: [
      Report.Deed(
        at: Instant(secondsSinceEpoch: 1_795_000_001), action: "reparent through gate1:15001",
        outcome: nil, verdict: "\u{202E}gate1:15001 \"said\" no", who: "anna@bastion")
    ])

  private static func object(_ line: String) throws -> [String: Any] {
    #expect(!line.contains("\n") && !line.contains("\u{202E}"))
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
    return try #require(object as? [String: Any])
  }

  @Test func theTimeThatItCoversIsInIt() throws {
    let object = try Self.object(JSONLine().text(Self.report))
    #expect(object["type"] as? String == "report" && object["version"] as? Int == 1)
    #expect(object["from"] as? String == "2026-11-18T11:06:40.000Z")
    #expect(object["to"] as? String == "2026-11-18T11:07:40.000Z")
    let action = try #require((object["actions"] as? [[String: Any]])?.first)
    #expect(action["who"] as? String == "anna@bastion" && action["outcome"] == nil)
  }

  /// Whatever hosts are beside: the object stays one, and numbers and times stay what they are.
  @Test func maskedItIsTheSameObjectWithStandIns() throws {
    let mask = HostMask([Target(.vtgate, Address(host: "gate1", port: 15001))])
    let line = JSONLine().text(Self.report, mask: mask)
    #expect(!line.contains("gate1") && !line.contains("bastion"))
    let object = try Self.object(line)
    #expect(object["to"] as? String == "2026-11-18T11:07:40.000Z" && object["version"] as? Int == 1)
    let action = try #require((object["actions"] as? [[String: Any]])?.first)
    #expect(action["action"] as? String == "reparent through vtgate-1")
    #expect(action["who"] as? String == "anna")
  }
}
