package import Dashboard

/// The embedded cluster, as the dashboard may drive it.
package protocol EmbeddedLab: Sendable {
  /// How its scenario stands; nil where it has none.
  func rehearsal() async -> Rehearsal?
  /// Carries out a command of the lab's own, such as `mysql tablet=zone1-100 running=false`.
  func carryOut(_ command: String) async -> LabAnswer
}
