import Buffering
import Lab
import Terms
import Testing

@Suite struct BufferFlagsTests {
  @Test(arguments: VitessRelease.allCases)
  func flagsAreRefusedAsTheReleaseRefusesThem(_ release: VitessRelease) {
    func refusal(_ change: (inout RequestBuffer.Configuration) -> Void) -> String? {
      var configuration = RequestBuffer.Configuration()
      change(&configuration)
      return configuration.refusal(by: release)
    }
    #expect(refusal { _ in } == nil)
    #expect(refusal { $0.window = .milliseconds(999) }?.contains("buffer_window") == true)
    #expect(refusal { $0.window = .seconds(21) }?.contains("10s") == false)
    #expect(refusal { $0.size = 0 }?.contains("buffer_size") == true)
    #expect(refusal { $0.drainConcurrency = 0 }?.contains("drain_concurrency") == true)
    #expect(refusal { $0.isDryRun = true }?.contains("explicitly listed") == true)
    #expect(refusal { $0.keyspaceShards = ["a", "a/0"] }?.contains("overlapping") == true)
    #expect(
      refusal {
        $0.isEnabled = false
        $0.keyspaceShards = ["a"]
      }?.contains("enable_buffer") == true)
    let isTwice = refusal { $0.minTimeBetweenFailovers = .seconds(39) } != nil
    #expect(isTwice == (release < .v18))
    let isSecond = refusal { $0.minTimeBetweenFailovers = .milliseconds(500) } != nil
    #expect(isSecond == (release < .v18 || release >= .v20))
  }
}
