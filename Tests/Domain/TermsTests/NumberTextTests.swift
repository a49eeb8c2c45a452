import Terms
import Testing

@Suite struct NumberTextTests {
  @Test(
    arguments: zip(
      [0, 999, 1000, 4873, 1_234_567, -4873, Int.min],
      [
        "0", "999", "1 000", "4 873", "1 234 567", "-4 873", "-9 223 372 036 854 775 808",
      ]))
  func aCountHasItsThousandsApart(_ count: Int, _ text: String) {
    #expect(count.grouped == text)
  }
}
