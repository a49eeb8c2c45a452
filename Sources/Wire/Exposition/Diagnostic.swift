/// A line that could not be read; scanning continued after it.
package struct Diagnostic: Sendable, Equatable {
  package enum Problem: String, Sendable, Equatable {
    case notALine = "is neither a comment nor a sample"
    case badLabels = "has malformed labels"
    case missingValue = "has no value"
    case badValue = "has a value that is not a number"
    case badTimestamp = "has a timestamp that is not a whole number"
    case trailingText = "has text after its value"
    case tooLong = "is longer than the limit"
  }

  /// 1 for the first line of the body.
  package let line: Int
  package let problem: Problem

  package init(line: Int, problem: Problem) {
    self.line = line
    self.problem = problem
  }
}

extension Diagnostic: CustomStringConvertible {
  package var description: String { "line \(line) \(problem.rawValue)" }
}
