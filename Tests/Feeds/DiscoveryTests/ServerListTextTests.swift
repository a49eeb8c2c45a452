import Discovery
import FleetModel
import Foundation
import Terms
import TestSupport
import Testing

/// Lists of servers in the forms that people publish, and what is wrong with others.
@Suite struct ServerListTextTests {
  private static func read(_ name: String, for clusters: Set<String> = []) throws -> ServerList {
    let text = String(decoding: try Fixtures.data("discovery/\(name)"), as: UTF8.self)
    return try ServerListText(at: name, for: clusters).read(text)
  }

  private static func vtgate(_ address: String) throws -> NamedServer {
    NamedServer(.vtgate, try #require(Address(address)))
  }

  @Test(arguments: ["file_sd.json", "file_sd.yml"])
  func filesOfPrometheusAreReadAsTheyAre(_ name: String) throws {
    let list = try Self.read(name)
    #expect(
      try list.servers == ["localhost:9090", "example.org:443", "gate.example:80"].map(Self.vtgate))
    #expect(list.remarks.isEmpty)
  }

  @Test func labelsSayWhatAServerIsAndWhose() throws {
    let list = try Self.read("jobs.yml", for: ["prod"])
    let tablets = ["vttablet101:8080", "vttablet102:8080"].compactMap { Address($0) }
    #expect(
      list.servers == [
        NamedServer(.vtgate, try #require(Address("vtgate:8080")), cell: "zone1"),
        NamedServer(.vttablet, tablets[0], cell: "zone1", keyspace: "commerce", shard: "0"),
        NamedServer(.vttablet, tablets[1], cell: "zone1", keyspace: "commerce", shard: "0"),
        NamedServer(.vtgate, try #require(Address("https://front.example:443/vtgate-1"))),
      ])
    #expect(
      list.remarks == [
        "jobs.yml: 2 servers are left out, neither vtgates nor vttablets: node, vitess-vtctld",
        "jobs.yml: a server is left out, of other clusters: staging",
      ])
  }

  @Test func severalClustersInAFileAreSaidWhereNoneIsChosen() throws {
    let list = try Self.read("jobs.yml")
    #expect(list.servers.count == 5)
    #expect(
      list.remarks.last
        == "jobs.yml: these are servers of several clusters, prod, staging: --title chooses one of them"
    )
  }

  @Test func vtadminsExampleIsReadAsItIs() throws {
    let list = try Self.read("vtadmin-local.json")
    #expect(try list.servers == [Self.vtgate("localhost:15001")])
    #expect(list.remarks.isEmpty)
  }

  @Test func aVtgateWithoutAWebAddressIsSaidWithItsLine() throws {
    let list = try Self.read("vtadmin-grpc-only.json")
    #expect(
      list.servers == [
        NamedServer(
          .vtgate, try #require(Address("gate-2:15001")), cell: "zone2",
          keyspace: "commerce, customer")
      ])
    #expect(
      list.remarks == [
        "vtadmin-grpc-only.json:3:9: vtgate 127.0.0.1:15991 has no fqdn, so its web port is not known"
      ])
  }

  @Test func aGroupThatIsNoneIsSaidWithItsLine() {
    #expect {
      try Self.read("null-group.yml")
    } throws: { error in
      "\(error)" == "null-group.yml:5:3: a group of targets has targets and may have labels"
    }
  }

  @Test(arguments: [
    ("", "f: it is empty; [] is a list of no server"),
    ("# nothing\n", "f: it is empty; [] is a list of no server"),
    ("[", "f:2:1: did not find expected node content"),
    ("- targets: [a:1\n- b", "f:3:1: did not find expected ',' or ']'"),
    (
      "hello",
      "f:1:1: it is neither a list of targets as for Prometheus' file_sd nor vtadmin's discovery.json"
    ),
    (
      "{\"scrape_configs\": []}",
      "f:1:1: it is neither a list of targets as for Prometheus' file_sd nor vtadmin's discovery.json"
    ),
    ("- labels: {a: b}", "f:1:3: targets must be a list of HOST:PORT"),
    ("- targets: gate:1", "f:1:12: targets must be a list of HOST:PORT"),
    ("- targets:\n  - 'gate 1:80'", "f:2:5: gate 1:80 is no HOST:PORT"),
    (
      "- targets: ['gate:1']\n  lables: {cluster: eu}",
      "f:2:3: a group of targets has targets and may have labels, not lables"
    ),
    (String(repeating: "[", count: 2000), "f:1:1: it is nested too deeply"),
    ("- targets: ['joe:s3cret@db:15001']", "f:1:13: (hidden)@db:15001 is no HOST:PORT"),
    ("- targets: ['http://joe:s3cret@db:1/x']", "f:1:13: (hidden)@db:1/x is no HOST:PORT"),
    (
      "{\"vtgates\": [{\"host\": {\"fqdn\": \"joe:s3cret@db:1\"}}]}",
      "f:1:23: (hidden)@db:1 is no HOST:PORT"
    ),
    ("- targets: [[a:1]]", "f:1:13: this is no HOST:PORT"),
    ("- targets: ['gate:99999']", "f:1:13: gate:99999 is no HOST:PORT"),
    ("- targets: ['gate:1']\n  labels: [a]", "f:2:11: labels must be names and values"),
    ("- targets: ['gate:1']\n  labels: {a: [b]}", "f:2:15: a label's value must be a text"),
    ("- targets: ['gate:1']\n  targets: ['gate:2']", "f:1:3: targets is there twice"),
    ("{\"vtgates\": {}}", "f:1:13: vtgates must be a list"),
    ("{\"vtgates\": [{}]}", "f:1:14: a vtgate has a host"),
    ("{\"vtgates\": [{\"host\": {\"fqdn\": \"a b\"}}]}", "f:1:23: a b is no HOST:PORT"),
  ]) func whatIsWrongIsSaidWithItsPlace(_ text: String, _ words: String) {
    #expect {
      try ServerListText(at: "f").read(text)
    } throws: { error in
      "\(error)" == words
    }
  }

  @Test func anEmptyListIsOne() throws {
    #expect(try ServerListText(at: "f").read("[]") == ServerList())
    #expect(try ServerListText(at: "f").read("{\"vtctlds\": []}") == ServerList())
  }

  @Test func aServerIsNamedOnceAndAFleetHasALimit() throws {
    let twice = try ServerListText(at: "f").read("- targets: ['a:1', 'a:1']")
    #expect(twice.servers.count == 1)
    let many = (0..<(ServerList.limit + 5)).map { "'h\($0):1'" }.joined(separator: ", ")
    let list = try ServerListText(at: "f").read("- targets: [\(many)]")
    #expect(list.servers.count == ServerList.limit)
    #expect(list.remarks == ["f: more than 12 000 servers, the rest is left out"])
    // What is left out is not read, either.
    let rest = try ServerListText(at: "f").read("[{targets: [\(many), a b]}, {targets: 3}]")
    #expect(rest == list)
  }
}
