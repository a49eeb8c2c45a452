import TerminalKit
import Testing

@testable import TerminalNcurses

@Suite struct MouseReportTests {
  private func tokens(_ text: String, readsMouse: Bool) -> [InputParser.Token] {
    var parser = InputParser(KeySequences(), readsMouse: readsMouse)
    let tokens = parser.take(Array(text.utf8), at: .zero)
    return tokens + parser.expire(at: .seconds(5))
  }

  @Test(
    arguments: [
      ("\u{1B}[<0;1;1M", .click, Point(column: 0, row: 0)),
      ("\u{1B}[<64;80;24M", .wheelUp, Point(column: 79, row: 23)),
      ("\u{1B}[<65;300;100M", .wheelDown, Point(column: 299, row: 99)),
    ] as [(String, MouseAction.Kind, Point)])
  func clicksAndTheWheelAreRead(_ report: String, _ kind: MouseAction.Kind, _ point: Point) {
    #expect(tokens(report, readsMouse: true) == [.mouse(MouseAction(kind, at: point))])
    #expect(tokens(report, readsMouse: false) == [.swallowed])
  }

  /// Releases, other buttons, motion, keys held, other modes, and what is no report at all.
  @Test(arguments: [
    "\u{1B}[<0;1;1m", "\u{1B}[<2;1;1M", "\u{1B}[<35;1;1M", "\u{1B}[<4;1;1M", "\u{1B}[<16;1;1M",
    "\u{1B}[<80;1;1M", "\u{1B}[M !!", "\u{1B}[0;1;1M", "\u{1B}[<0;0;1M", "\u{1B}[<0;1M",
    "\u{1B}[<0;1;1;1M", "\u{1B}[<;;M", "\u{1B}[<0;-1;1M", "\u{1B}[<0;99999999999999999999;1M",
    "\u{1B}[<+0;1;1M", "\u{1B}[<0; 1;1M",
  ])
  func everythingElseIsSwallowed(_ report: String) {
    #expect(tokens(report, readsMouse: true) == [.swallowed])
  }
}
