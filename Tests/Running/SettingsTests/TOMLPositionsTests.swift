import Testing

@testable import Settings

/// Where keys and values stand.
@Suite struct TOMLPositionsTests {
  private static let text = """
    # a comment with "quotes" and [brackets]
    title = "a # b" # behind it
    ignore = [ "x", # one
      'y', "z" ]
    map = '''
    [no] table
    key = 1
    '''

    [clusters.prod-eu]   # the table
      vtgate = ["gate1:15001",
                "gate2:15001"]
    interval="1s"
    [ clusters . "a.b" ]
    wait = "3s"
    hook = \"\"\"
    a \\\"\"\" b
    \"\"\"
    mask = true
    """

  @Test(arguments: [
    (["title"], 2, 1, 2, 9), (["ignore"], 3, 1, 3, 10), (["map"], 5, 1, 5, 7),
    (["clusters", "prod-eu", "vtgate"], 11, 3, 11, 12),
    (["clusters", "prod-eu", "interval"], 13, 1, 13, 10),
    (["clusters", "a.b", "wait"], 15, 1, 15, 8), (["clusters", "a.b", "mask"], 19, 1, 19, 8),
  ])
  func keysAndValuesAreFound(
    _ path: [String], _ line: Int, _ column: Int, _ valueLine: Int, _ valueColumn: Int
  ) {
    let positions = TOMLPositions(Self.text)
    #expect(positions.keys[path] == TextPosition(line: line, column: column))
    #expect(positions.values[path] == TextPosition(line: valueLine, column: valueColumn))
  }

  @Test func tablesAndElementsAreFound() {
    let positions = TOMLPositions(Self.text)
    #expect(positions.keys[["clusters", "prod-eu"]] == TextPosition(line: 10, column: 1))
    #expect(positions.keys[["clusters", "a.b"]] == TextPosition(line: 14, column: 1))
    #expect(
      positions.elements[["ignore"]]
        == [(3, 12), (4, 3), (4, 8)].map { TextPosition(line: $0.0, column: $0.1) })
    #expect(
      positions.elements[["clusters", "prod-eu", "vtgate"]]
        == [(11, 13), (12, 13)].map { TextPosition(line: $0.0, column: $0.1) })
    #expect(positions.keys.count == 11)
  }

  @Test func whatIsInAnInlineTableStandsAtItsKey() {
    let positions = TOMLPositions("x = 1\nclusters = { a = { wait = 1 } }\ny.z = 2\n")
    #expect(positions.key(["clusters", "a", "wait"]) == TextPosition(line: 2, column: 1))
    #expect(positions.key(["y", "z"]) == TextPosition(line: 3, column: 1))
  }
}
