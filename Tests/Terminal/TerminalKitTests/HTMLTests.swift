import Foundation
import TerminalKit
import Testing

@Suite struct HTMLTests {
  private static let styles = StyleSheet(
    name: "test",
    styles: [
      "text": Style(foreground: .rgb(1, 2, 3), background: .rgb(250, 251, 252)),
      "warn": Style(foreground: .ansi(9), background: .terminalDefault, attributes: [.bold, .dim]),
      "band": Style(foreground: .indexed(232), background: .indexed(196), attributes: .reversed),
      "key": Style(attributes: [.underlined, .italic]),
    ])

  private func page(_ draw: (inout Canvas) -> Void) -> String {
    var canvas = Canvas(size: Size(columns: 30, rows: 3))
    draw(&canvas)
    return canvas.html(title: "a <title> & more", styles: Self.styles)
  }

  @Test func itLooksAsTheScreenDoes() {
    let page = page { canvas in
      canvas.draw("plain ", at: Point(column: 0, row: 0))
      canvas.draw("warned", at: Point(column: 6, row: 0), role: StyleRole("warn.strong"))
      canvas.draw("banner", at: Point(column: 0, row: 1), role: StyleRole("band"))
      canvas.draw("again", at: Point(column: 8, row: 1), role: StyleRole("warn"))
    }
    #expect(page.contains("color: #010203; background: #fafbfc;"))
    #expect(page.contains("plain <span class=\"s0\">warned</span>"))
    #expect(
      page.contains(".s0 { color: #ff0000; background: #fafbfc; font-weight: bold; opacity: 0.6; }")
    )
    // Reversed, the one stands for the other.
    #expect(page.contains(".s1 { color: #ff0000; background: #080808; }"))
    #expect(page.contains("<span class=\"s1\">banner</span>  <span class=\"s0\">again</span>"))
    #expect(!page.contains(".s2"))
  }

  @Test func whereNothingIsSaidOfColoursThereIsGreyOnBlack() {
    let page = Canvas(size: Size(columns: 3, rows: 1))
      .html(title: "", styles: StyleSheet(name: "none", styles: [:]))
    #expect(page.contains("color: #d4d4d4; background: #121212;"))
  }

  /// Whatever stands on the screen is text, and with the tags taken away it is the screen's.
  @Test func nothingOfItIsMarkup() {
    let hostile = "<b>&amp;\"'</pre>漢字 "
    var canvas = Canvas(size: Size(columns: 24, rows: 2))
    canvas.draw(hostile, at: Point(column: 0, row: 0), role: StyleRole("key"))
    canvas.draw("▕█▏ <script>", at: Point(column: 0, row: 1))
    let page = canvas.html(title: "a <title> & more", styles: Self.styles)
    #expect(page.contains("<title>a &lt;title&gt; &amp; more</title>"))
    #expect(!page.contains("<b>") && !page.contains("<script>") && !page.contains("http"))
    var body = page.components(separatedBy: "<pre>\n")[1].components(separatedBy: "</pre>")[0]
    body = body.replacing(/<\/?span[^>]*>/, with: "")
    for (entity, text) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
    ] { body = body.replacingOccurrences(of: entity, with: text) }
    let lines = body.components(separatedBy: "\n").dropLast()
      .map { String($0.reversed().drop { $0 == " " }.reversed()) }
    #expect(lines == canvas.lines)
  }
}
