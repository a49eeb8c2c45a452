extension Canvas {
  /// The canvas as a page of its own, in the colours of a style sheet: one `<pre>` with a span for
  /// each run of cells that look alike, fetching nothing and running nothing.
  ///
  /// Nobody can know the terminal's own colours: where a style uses them, light grey on black
  /// stands in.
  package func html(title: String, styles: StyleSheet) -> String {
    var page = HTMLPage(ground: styles.style(for: .text))
    for row in 0..<size.rows {
      var start = 0
      while start < size.columns {
        let look = styles.style(for: self[column: start, row: row].role)
        var text = ""
        while start < size.columns, styles.style(for: self[column: start, row: row].role) == look {
          if let character = self[column: start, row: row].character { text.append(character) }
          start += 1
        }
        page.add(text, look)
      }
      page.endLine()
    }
    return page.text(title: title)
  }
}

/// A page being built: its text, and a class for each style that occurs.
private struct HTMLPage {
  private static let light = Color.rgb(0xD4, 0xD4, 0xD4)
  private static let black = Color.rgb(0x12, 0x12, 0x12)

  let ground: Style
  private var body = ""
  private var classes: [Style: Int] = [:]

  init(ground: Style) { self.ground = ground }

  mutating func add(_ text: String, _ style: Style) {
    guard style != ground else {
      body += text.escapedForMarkup
      return
    }
    let number = classes[style] ?? classes.count
    classes[style] = number
    body += "<span class=\"s\(number)\">\(text.escapedForMarkup)</span>"
  }

  mutating func endLine() { body += "\n" }

  func text(title: String) -> String {
    let rules = classes.sorted { $0.value < $1.value }
      .map { ".s\($0.value) { \(declarations(of: $0.key)) }\n" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>\(title.safe().escapedForMarkup)</title>
      <style>
      body { margin: 1em; \(declarations(of: ground)) }
      pre { font: 14px/1.2 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
      \(rules)</style>
      </head>
      <body>
      <pre>
      \(body)</pre>
      </body>
      </html>

      """
  }

  private func declarations(of style: Style) -> String {
    var (front, back) = (
      style.foreground.css ?? ground.foreground.css ?? Self.light.css ?? "",
      style.background.css ?? ground.background.css ?? Self.black.css ?? ""
    )
    if style.attributes.contains(.reversed) { swap(&front, &back) }
    let attributes: [(Style.Attributes, String)] = [
      (.bold, "font-weight: bold"), (.dim, "opacity: 0.6"), (.italic, "font-style: italic"),
      (.underlined, "text-decoration: underline"),
    ]
    return
      (["color: \(front)", "background: \(back)"]
      + attributes.filter { style.attributes.contains($0.0) }.map(\.1))
      .map { "\($0);" }.joined(separator: " ")
  }
}

extension Color {
  /// `#1e90ff`; nil for the terminal's own colour.
  fileprivate var css: String? {
    usual.map { channels in
      "#"
        + [channels.red, channels.green, channels.blue].map { part in
          String(Int(part) + 0x100, radix: 16).dropFirst()
        }.joined()
    }
  }
}
