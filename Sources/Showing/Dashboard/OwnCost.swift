/// What the program itself takes.
package struct OwnCost: Equatable, Sendable {
  /// Of one core, 1 is all of it.
  package var cpu: Double
  /// The most that was resident at any time, bytes.
  package var peakMemory: Int
  /// Bytes a second written to the terminal.
  package var terminalBytes: Double

  package init(cpu: Double, peakMemory: Int, terminalBytes: Double) {
    self.cpu = cpu
    self.peakMemory = peakMemory
    self.terminalBytes = terminalBytes
  }
}
