internal import FleetModel
internal import TerminalKit
internal import Terms
package import Wording

/// A report as a single HTML file without scripts or outside references, readable on a phone, on
/// paper, and on light and dark screens.
package enum HTMLPage {
  /// `mask`: replaces hosts and addresses; nil shows them.
  package static func of(_ report: Report, mask: HostMask? = nil) -> String {
    let document = ReportDocument(report, mask: mask)
    let wording = Wording(mask: mask)
    var body = "<h1>\(document.title.escapedForMarkup)</h1>\n"
    body += "<p class=\"lead\">\(document.lead.escapedForMarkup)</p>\n"
    for block in document.summary { body += text(block, wording) }
    for section in document.sections {
      body += "<section>\n<h2>\(section.title.escapedForMarkup)</h2>\n"
      if let verdict = section.verdict {
        body +=
          "<p class=\"verdict \(verdict.tone)\">\(verdict.word.firstCapital.escapedForMarkup)</p>\n"
      }
      for block in section.blocks { body += text(block, wording) }
      body += "</section>\n"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(document.title.escapedForMarkup)</title>
      <style>
      \(style)
      </style>
      </head>
      <body>
      <main>
      \(body)</main>
      </body>
      </html>

      """
  }

  private static func text(_ block: ReportDocument.Block, _ wording: Wording) -> String {
    switch block {
    case .paragraph(let words): return "<p>\(words.escapedForMarkup)</p>\n"
    case .doubt(let words): return "<p class=\"doubt\">\(words.escapedForMarkup)</p>\n"
    case .picture(let report):
      return "<figure>\n\(SVGPicture.text(report, wording))\n\(legend)</figure>\n"
    case .table(let table): return text(table)
    case .fact(let title, let words):
      return "<h3>\(title.escapedForMarkup)</h3>\n<p>\(words.escapedForMarkup)</p>\n"
    case .list(let title, let items):
      let items = items.map { "<li>\($0.escapedForMarkup)</li>\n" }.joined()
      return "<h3>\(title.escapedForMarkup)</h3>\n<ul>\n\(items)</ul>\n"
    }
  }

  /// On a narrow screen each row becomes a block in which every value is preceded by its column's name.
  private static func text(_ table: ReportDocument.Table) -> String {
    func cell(_ element: String, _ column: ReportDocument.Table.Column, _ words: String) -> String {
      let side = column.isNumber ? " class=\"number\"" : ""
      let label = element == "td" ? " data-label=\"\(column.title.escapedForMarkup)\"" : ""
      return "<\(element)\(side)\(label)>\(words.escapedForMarkup)</\(element)>"
    }
    let head = table.columns.map { cell("th", $0, $0.title) }.joined()
    let rows = table.rows.map { row in
      "<tr>" + zip(table.columns, row).map { cell("td", $0, $1) }.joined() + "</tr>\n"
    }.joined()
    let title = table.title.map { "<h3>\($0.escapedForMarkup)</h3>\n" } ?? ""
    let kind = table.columns.count == 2 ? " class=\"pairs\"" : ""
    return
      "\(title)<table\(kind)>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(rows)</tbody>\n</table>\n"
  }

  private static let legend = """
    <figcaption><span class="key uncertain"></span>between two polls <span class="key \
    buffering"></span>buffering <span class="key draining"></span>draining <span class="key \
    none"></span>no primary</figcaption>

    """

  /// Colours for light and dark; words or outlines always say the same.
  private static let style = """
    :root {
      --ground: #ffffff; --panel: #f4f5f7; --text: #1b1f24; --muted: #57606a; --rule: #d0d7de;
      --good: #1a7f37; --warning: #9a6700; --bad: #b3261e;
      --serving: #2da44e; --buffering: #bf8700; --draining: #f1d58a; --none: #cf222e;
      --held: #8a6d00; --lag: #0969da; --failed: #cf222e; --limit: #8250df;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #0d1117; --panel: #161b22; --text: #e6edf3; --muted: #9aa4ae; --rule: #30363d;
        --good: #56d364; --warning: #e3b341; --bad: #ff7b72;
        --serving: #2ea043; --buffering: #d29922; --draining: #6b5215; --none: #f85149;
        --held: #d29922; --lag: #58a6ff; --failed: #f85149; --limit: #bc8cff;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--text);
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    main { max-width: 70rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0; }
    h2 { font-size: 1.3rem; line-height: 1.25; margin: 2.5rem 0 0.5rem; padding-top: 1rem;
      border-top: 1px solid var(--rule); }
    h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
    .lead, figcaption, th { color: var(--muted); }
    .verdict { display: inline-block; margin: 0 0 0.5rem; padding: 0.1rem 0.7rem;
      border: 1px solid; border-radius: 1rem; font-weight: 600; }
    .verdict.good { color: var(--good); }
    .verdict.warning { color: var(--warning); }
    .verdict.bad { color: var(--bad); }
    .doubt { margin: 0.5rem 0; padding: 0.25rem 0.75rem; border-left: 3px solid var(--warning);
      background: var(--panel); }
    figure { margin: 1rem 0; padding: 0.75rem; background: var(--panel); border-radius: 6px; }
    figcaption { font-size: 0.8rem; margin-top: 0.25rem; }
    .key { display: inline-block; width: 1.2em; height: 0.8em; margin: 0 0.35em 0 0.8em; }
    .key:first-child { margin-left: 0; }
    .key.uncertain { border: 1px dashed var(--muted); }
    .key.buffering { background: var(--buffering); }
    .key.draining { background: var(--draining); border: 1px solid var(--buffering); }
    .key.none { border: 2px solid var(--none); }
    svg { display: block; overflow: hidden; }
    svg text { font-size: 12px; fill: var(--text); }
    svg text.tick { font-size: 11px; fill: var(--muted); }
    svg .grid { stroke: var(--rule); }
    svg .ground { fill: var(--rule); opacity: 0.35; }
    svg .serving { fill: var(--serving); }
    svg .serving.after { fill: var(--serving); stroke: var(--text); }
    svg .none { fill: none; stroke: var(--none); stroke-width: 2; }
    svg .uncertain { fill: none; stroke: var(--muted); stroke-dasharray: 3 2; }
    svg .buffering { fill: var(--buffering); }
    svg .draining { fill: var(--draining); stroke: var(--buffering); }
    svg .held { fill: var(--held); }
    svg .lag { fill: var(--lag); }
    svg .failed { fill: var(--failed); }
    svg .limit { stroke: var(--limit); stroke-dasharray: 4 3; stroke-width: 1.5; }
    table { width: 100%; border-collapse: collapse; font-size: 0.85rem; margin: 0.25rem 0 1rem; }
    th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.5rem;
      border-bottom: 1px solid var(--rule); }
    th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
    ul { margin: 0.25rem 0 1rem; padding-left: 1.2rem; }
    @media screen and (max-width: 700px) {
      table:not(.pairs) thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      table:not(.pairs), :not(.pairs) > tbody, :not(.pairs) > tbody > tr { display: block;
        width: 100%; }
      :not(.pairs) > tbody > tr { padding: 0.4rem 0; border-bottom: 1px solid var(--rule); }
      :not(.pairs) > tbody td { display: flex; gap: 1rem; justify-content: space-between; text-align: right;
        border: 0; padding: 0.1rem 0; }
      :not(.pairs) > tbody td:first-child { font-weight: 600; }
      :not(.pairs) > tbody td::before { content: attr(data-label); color: var(--muted); text-align: left; flex: none; }
    }
    @media print {
      :root { --ground: #fff; --panel: #fff; --text: #000; --muted: #444; --rule: #bbb;
        --good: #1a7f37; --warning: #7a5200; --bad: #a40e26; --serving: #2da44e;
        --buffering: #bf8700; --draining: #f1d58a; --none: #cf222e; --held: #8a6d00;
        --lag: #0969da; --failed: #cf222e; --limit: #8250df; }
      body { font-size: 10.5pt; }
      main { max-width: none; padding: 0; }
      figure, tr, .doubt { break-inside: avoid; }
      figure { border: 1px solid var(--rule); }
      h2, h3 { break-after: avoid; }
      section + section h2 { break-before: page; border: 0; }
      table { font-size: 8pt; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }
    """
}
