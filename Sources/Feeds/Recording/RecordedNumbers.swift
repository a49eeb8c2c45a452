internal import FleetModel
internal import GRDB

/// What a recording names by a number: it is stored once, when it first comes.
struct RecordedNumbers {
  /// The longest chain of lists of tablets that build on one another.
  private static let listChain = 500
  /// How many recent lists a new one is compared with.
  private static let recentLists = 8

  private var paths: [String: Int64] = [:]
  private var failures: [ScrapeFailure: Int64] = [:]
  private var lists: [(id: Int64, list: GatewayTablets)] = []
  private var nextList: Int64 = 1
  private var chainLength = 0
  /// Bytes of the last complete list, and of those that build on it.
  private var wholeList = 0
  private var chainedLists = 0

  mutating func number(of path: String, _ database: Database) throws -> Int64 {
    if let number = paths[path] { return number }
    let number = Int64(paths.count + 1)
    paths[path] = number
    try database.store([.integer(number), .text(path)], in: "path")
    return number
  }

  mutating func number(of failure: ScrapeFailure, _ database: Database) throws -> Int64 {
    if let number = failures[failure] { return number }
    let number = Int64(failures.count + 1)
    failures[failure] = number
    try database.store(
      [.integer(number), .text(try RecordingText.text(failure))], in: "failure")
    return number
  }

  mutating func number(of list: GatewayTablets, _ database: Database) throws -> Int64 {
    if let known = lists.last(where: { $0.list == list }) { return known.id }
    let number = nextList
    nextList += 1
    let body: String
    var base = lists.last
    // Reading a list means reading all the lists that it builds on.
    if chainLength < Self.listChain, chainedLists <= wholeList, let known = base?.list,
      let listing = TabletListing(list, since: known)
    {
      body = try RecordingText.text(listing)
      chainLength += 1
      chainedLists += body.utf8.count
    } else {
      body = try RecordingText.text(TabletListing(list))
      base = nil
      (chainLength, chainedLists, wholeList) = (0, 0, body.utf8.count)
    }
    try database.store(
      [.integer(number), base.map { .integer($0.id) }, .text(body)], in: "tablet_list")
    lists.append((number, list))
    if lists.count > Self.recentLists { lists.removeFirst() }
    return number
  }
}
