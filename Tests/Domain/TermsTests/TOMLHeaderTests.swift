import Terms
import Testing

@Suite struct TOMLHeaderTests {
  @Test(arguments: [
    ("[=", 1), ("a = 1\n[ = ]", 2), ("\t[[#]]", 1), ("[.a]", 1), ("[é]", 1), ("\r\n[,\n", 2),
  ])
  func aTableWithoutANameIsFound(_ text: String, _ line: Int) {
    #expect(text.lineOfNamelessTOMLTable == line)
  }

  @Test(arguments: [
    "", "a = 1", "[a]", "[ a.b ]", "[[steps]]", "[\"a b\"]", "['a']", "[_a]", "[]", "[", "[[",
    "a = [\n[1, 2],\n[\"x\"]]",
  ])
  func whatTheParserCanReadIsLeftToIt(_ text: String) {
    #expect(text.lineOfNamelessTOMLTable == nil)
  }
}
