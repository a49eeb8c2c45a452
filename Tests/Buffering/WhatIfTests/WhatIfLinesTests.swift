import FleetModel
import Lines
import Terms
import Testing
import WhatIf
import Wording

/// The answer in words claims nothing that a recording does not carry.
@Suite struct WhatIfLinesTests {
  private static func text(
    _ again: FailoverAgain, _ asked: AskedFlags = AskedFlags(), sweep: FlagSweep? = nil
  ) -> String {
    WhatIfLines(Wording()).text(
      WhatIfAnswer(again, asked, sweep: sweep), number: 1, interval: .seconds(1)
    ).joined(separator: "\n")
  }

  @Test func aSweepOfNobodyHasNoTable() throws {
    let goesOn = try RefusalTests.again(until: 5)
    let sizes = FlagSweep(.sizes(1...100))
    let sweep = try #require(WhatIfAnswer(goesOn, AskedFlags(), sweep: sizes).sweep)
    #expect(sweep.steps.isEmpty && sweep.least == .failure(.nobodyTold))
    let text = Self.text(goesOn, sweep: sizes)
    #expect(text.contains("the failover goes on at the end of the recording"))
    #expect(text.hasSuffix("--buffer-size: no answer, as no vtgate can be told about."))
    #expect(!text.contains("thrown out") && !text.contains("Nothing is lost"))
  }

  @Test func errorsThatAreMoreAreCalledAdded() throws {
    let text = try Self.text(RefusalTests.again(), RefusalTests.asked(4))
    #expect(text.contains("\nclient errors added: 5 (5 or more)"))
    #expect(!text.contains("avoided"))
    let same = try Self.text(RefusalTests.again(), RefusalTests.asked(500))
    #expect(same.contains("\nclient errors avoided: 0 (exact)"))
  }

  @Test func whatNobodyAskedForIsNotCompared() throws {
    let sizes = FlagSweep(.sizes(1...100))
    let text = try Self.text(RefusalTests.again(), sweep: sizes)
    #expect(!text.contains("asked for") && !text.contains("client errors"))
    #expect(text.contains("counted   in force\n"))
    #expect(text.contains("Nothing is lost from --buffer-size 9 on."))
  }
}
