internal import ArgumentParser
internal import Discovery
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import VitessClient
internal import Wording

struct DiscoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discover",
    abstract: "Print the servers that files, DNS, a command and vtctld name, and who names them.",
    discussion: """
      Every source is looked at once and no server is asked. The exit status is 0 when all of them could be \
      read, and 1 otherwise.

      For example:
        sluice discover --discover-file '/etc/prometheus/targets/*.yml'
        sluice discover --cluster prod-eu
      """)

  @OptionGroup var fleet: FleetOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions

  func run() async throws {
    StandardOutput.require()
    let access = try fleet.access
    let wording = Wording()
    for target in fleet.targets { StandardOutput.say("\(target)  named by the operator") }
    var hasFailed = false
    for var source in try fleet.sources(vtctld) {
      do throws(DiscoveryFault) {
        let list = try await source.look() ?? ServerList()
        for server in list.servers {
          let place = access.place(server.target.address)
          var words = ["\(Target(server.target.kind, place))"]
          if place != server.target.address { words.append("listed as \(server.target.address)") }
          for (label, value) in [
            ("cell", server.cell), ("keyspace", server.keyspace), ("shard", server.shard),
          ] {
            if let value { words.append("\(label) \(value)") }
          }
          words.append("named by \(wording.words(source.source))")
          StandardOutput.say(words.joined(separator: "  ").safe(limit: 1000))
        }
        for remark in list.remarks { warn(remark) }
      } catch {
        warn("\(error)")
        hasFailed = true
      }
    }
    if hasFailed { throw ExitCode.failure }
  }
}
