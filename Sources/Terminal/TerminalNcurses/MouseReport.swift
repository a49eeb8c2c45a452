internal import TerminalKit

extension MouseAction {
  /// A report in xterm's mode 1006, without its ESC: `[<0;12;3M` is the left button at column 12,
  /// row 3, counted from 1.
  ///
  /// Nil for anything but that button going down or the wheel, and for both with a modifier held:
  /// those belong to the terminal.
  init?(report: String) {
    guard report.hasPrefix("[<"), report.hasSuffix("M") else { return nil }
    let parts = report.dropFirst(2).dropLast()
      .split(separator: ";", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.allSatisfy(\.isNumber) && part.utf8.count <= 5 ? Int(part) : nil
    }
    guard numbers.count == 3, parts.count == 3, numbers[1] > 0, numbers[2] > 0 else { return nil }
    let point = Point(column: numbers[1] - 1, row: numbers[2] - 1)
    switch numbers[0] {
    case 0: self.init(.click, at: point)
    case 64: self.init(.wheelUp, at: point)
    case 65: self.init(.wheelDown, at: point)
    default: return nil
    }
  }
}
