package import FleetModel
internal import Terms

extension Wording {
  /// A limit and where it comes from: `10.0 s`, `10.0 s (Vitess' default)`.
  package func words(_ limit: BufferFlags.KnownLimit) -> String {
    limit.time.inTenths + remark(limit.basis)
  }

  /// The remark after a limit that was not read.
  func remark(_ basis: BufferFlags.Basis) -> String {
    basis == .commandLine ? "" : " (\(source(basis)))"
  }

  /// What a limit rests on, as it stands behind its value in a picture: `its flags`.
  ///
  /// `gates`: whose limit it is.
  package func source(_ basis: BufferFlags.Basis, of gates: Gates = .vtgates) -> String {
    switch basis {
    case .commandLine where gates == .proxies: "its file"
    case .commandLine: "its flags"
    case .counters: "by its counters"
    case .vitessDefault: "Vitess' default"
    }
  }

  package func words(
    _ caveat: ShardSummary.CountersCaveat, of gates: Gates = .vtgates
  ) -> String {
    switch caveat {
    case .combined: "its counters are not told apart from other shards'"
    case .unreported(let families):
      "not told by every \(gate(gates)): \(families.names.joined(separator: ", "))"
    }
  }
}
