import Terms
import Testing

@Suite struct TOMLFlawTests {
  @Test(arguments: [
    ("[=", 1), ("a = 1\n[ = ]", 2), ("\t[[#]]", 1), ("[.a]", 1), ("[é]", 1), ("\r\n[,\n", 2),
  ])
  func aTableWithoutANameIsFound(_ text: String, _ line: Int) {
    #expect(text.tomlFlaw?.line == line)
    #expect(text.tomlFlaw?.words == "a table's name is missing behind [")
  }

  @Test(arguments: [
    ("a = [}", 1), ("a = 1\nb = [ # one\n  1,\n  }", 4), ("a = [[1], }]", 1),
    ("a = { b = [}", 1), ("a = \"\"\"\n[\n\"\"\"\nb = [ }", 4), ("a = [\u{2028}1]", 1),
    ("a = [1,\u{85}]", 1),
  ])
  func anArrayWithoutAValueIsFound(_ text: String, _ line: Int) {
    #expect(text.tomlFlaw?.line == line)
    #expect(text.tomlFlaw?.words == "an array has no value where one is due")
  }

  @Test(arguments: [
    "", "a = 1", "[a]", "[ a.b ]", "[[steps]]", "[\"a b\"]", "['a']", "[_a]", "[]", "[", "[[",
    "a = [\n[1, 2],\n[\"x\"]]", "a = []", "a = [1, 2, ]", "a = [{ b = 1 }, { b = 2 }]",
    "a = { b = 1, }", "a = \"x{1,}[}\"", "a = '[}'", "a = '''\nb [}\n'''", "a = [\"\\\"\", '}']",
    "a = 1 # [ }", "a = [ # }\n1]", "a = \"[\n}",
  ])
  func whatTheParserCanReadIsLeftToIt(_ text: String) {
    #expect(text.tomlFlaw == nil)
  }
}
