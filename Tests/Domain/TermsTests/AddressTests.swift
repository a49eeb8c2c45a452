import Foundation
import Terms
import Testing

@Suite struct AddressTests {
  @Test(arguments: [
    ("gate-1:15001", "gate-1:15001", "http://gate-1:15001/metrics"),
    ("[::1]:15001", "[::1]:15001", "http://[::1]:15001/metrics"),
    ("http://gate-1:15001/", "gate-1:15001", "http://gate-1:15001/metrics"),
    ("gw.example:8080/gate-1", "gw.example:8080/gate-1", "http://gw.example:8080/gate-1/metrics"),
    ("http://gw.example/a/b//", "gw.example:80/a/b", "http://gw.example:80/a/b/metrics"),
    ("https://gw.example", "https://gw.example:443", "https://gw.example:443/metrics"),
    ("HTTPS://[fe80::1]/x", "https://[fe80::1]:443/x", "https://[fe80::1]:443/x/metrics"),
    (
      "https://gw.example:8443/~v/%20", "https://gw.example:8443/~v/%20",
      "https://gw.example:8443/~v/%20/metrics"
    ),
  ]) func anAddressIsReadAndWritten(_ text: String, _ written: String, _ url: String) throws {
    let address = try #require(Address(text))
    #expect(address.description == written)
    #expect(address.url("/metrics") == url)
    #expect(Address(address.description) == address)
    let coded = try JSONDecoder().decode(Address.self, from: JSONEncoder().encode(address))
    #expect(coded == address)
  }

  @Test(arguments: [
    "", "gate-1", "gate-1/x", ":15001", "gate-1:0", "gate-1:65536", "http://", "https:///x",
    "ftp://gate-1:21", "gate 1:15001", "gate-1:15001/a b", "gate-1:15001/x?y=1", "gate-1:15001/#x",
    "http://user:secret@gate-1:15001", "gate-1:15001/\u{301}", "gate-1:15001/\r\nHost:",
    "[::1:15001", "http://[::1/x", "gate-1:15001/" + String(repeating: "x", count: 600),
  ]) func whatIsNoAddressIsRefused(_ text: String) { #expect(Address(text) == nil) }

  @Test func twoServersBehindOneFrontAreTwo() {
    let both = ["https://gw:443/gate-2", "https://gw:443/gate-1"].compactMap { Address($0) }
    #expect(Set(both).count == 2)
    #expect(both.sorted().map(\.prefix) == ["/gate-1", "/gate-2"])
    #expect(Address("gw:443") != Address("https://gw:443"))
  }
}
