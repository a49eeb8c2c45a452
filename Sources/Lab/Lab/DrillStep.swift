internal import Terms

/// A command of a drill and when to run it, counted from the start.
package struct DrillStep: Sendable, Equatable, CustomStringConvertible {
  package let at: Duration
  package let command: String
  package let parameters: [String: String]

  package init(at: Duration, command: String, parameters: [String: String]) {
    self.at = at
    self.command = command
    self.parameters = parameters
  }

  package var description: String {
    let shown = parameters.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
    return "\(at.goText) \(command)\(shown.joined())"
  }
}
