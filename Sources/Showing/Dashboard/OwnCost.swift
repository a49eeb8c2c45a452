/// What the program itself consumes.
package struct OwnCost: Equatable, Sendable {
  /// Share of one core; 1 is all of it.
  package var cpu: Double
  /// Peak resident memory, in bytes.
  package var peakMemory: Int
  /// Bytes per second written to the terminal.
  package var terminalBytes: Double

  package init(cpu: Double, peakMemory: Int, terminalBytes: Double) {
    self.cpu = cpu
    self.peakMemory = peakMemory
    self.terminalBytes = terminalBytes
  }
}
