internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms

/// A question on the way to an action, or how one goes, over the screen.
struct DialogView {
  let dialog: Dialog
  /// What the cluster is called.
  let cluster: String
  /// The present, whatever moment the screen shows.
  let now: Instant
  /// What speaks for and against a reparent that is asked about; nil as long as there is no order.
  var preflight: Preflight?
  /// The action that is shown; nil when it is no longer known.
  var report: ActionReport?
  /// The call of that action may be broken off.
  var canBreakOff = false
  /// What is known now of the shard that the action changes.
  var summary: ShardSummary?
  /// What leaving would miss or break off.
  var going: (failovers: [ShardName], actions: Bool) = ([], false)

  /// The widest box; lines are broken beyond it.
  private static let columns = 96

  private struct Line {
    var spans: [(String, StyleRole)]

    init(_ text: String = "", _ role: StyleRole = .text) { spans = [(text, role)] }
    init(spans: [(String, StyleRole)]) { self.spans = spans }
  }

  func render(into canvas: inout Canvas, in rect: Rect) {
    let width = min(rect.columns, Self.columns)
    let room = max(10, width - 4)
    let (title, lines) = content(Size(columns: room, rows: rect.rows - 2), canvas.glyphs)
    let height = min(rect.rows, lines.count + 2)
    let box = Rect(
      column: rect.column + (rect.columns - width) / 2,
      row: rect.row + max(0, (rect.rows - height) / 2), columns: width, rows: height)
    let inside = Panel(title).renderBox(into: &canvas, in: box).inset(columns: 1)
    // The end says what the keys do: what does not fit is left out above it.
    let shown = lines.count <= inside.rows ? lines[...] : lines.suffix(inside.rows)
    for (row, line) in shown.enumerated() {
      canvas.draw(spans: line.spans, in: inside.line(row))
    }
  }

  /// There is room for every line: what a key would do can be read before it is pressed.
  func isWhole(in size: Size) -> Bool {
    let room = min(size.columns, Self.columns) - 4
    guard room >= 20, size.rows > 2 else { return false }
    return content(Size(columns: room, rows: size.rows - 2), .unicode).1.count <= size.rows - 2
  }

  private func content(_ size: Size, _ glyphs: Glyphs) -> (String, [Line]) {
    let room = size.columns
    switch dialog {
    case .allow(let line, let wanted, let complaint):
      let purpose = wanted == .nothing ? "" : " Then what you wanted opens."
      return (
        "allow actions",
        paragraph(
          "Actions change the cluster \(cluster). They are allowed for "
            + "\(Model.permissionTime.asFlag), each is confirmed by itself and written to the "
            + "audit log before it is sent.\(purpose)", room)
          + [Line(), input("type yes", line.text, isFocused: true, glyphs)]
          + complained(complaint) + [Line(), hints("Enter allows, Esc does nothing")]
      )
    case .throttle(let form): return ("throttle an app", throttle(form, room, glyphs))
    case .rules(let list):
      return ("throttled apps of \(list.shard)", rules(list, size, glyphs))
    case .throttler(let form):
      return ("throttler of keyspace \(form.shard.keyspace)", throttler(form, room, glyphs))
    case .reparent(let form): return ("reparent \(form.shard)", reparent(form, size, glyphs))
    case .progress(let id, let asks):
      return ("action \(id)", progress(size, asksToBreakOff: asks, glyphs))
    case .leave:
      return ("leave", leave(room) + [Line(), hints("q leaves, any other key stays")])
    case .notice(let text):
      return ("sluice", paragraph(text, room) + [Line(), hints("any key closes this")])
    }
  }

  private func leave(_ room: Int) -> [Line] {
    var lines: [Line] = []
    let shards = going.failovers
    if let first = shards.first {
      let more =
        shards.count > 1 ? " and of \(Phrases.plural(shards.count - 1, "other shard"))" : ""
      lines += paragraph(
        "The failover of \(first)\(more) goes on. Who leaves now does not see how it ends, and what "
          + "was seen of it is not kept.", room)
    }
    if going.actions {
      lines += paragraph(
        "An action still runs. Leaving breaks its call off: the server may finish it, or leave it "
          + "half done. The audit log will say that the outcome is unknown.", room)
    }
    // What was asked about may have ended meanwhile.
    return lines.isEmpty ? paragraph("Nothing goes on any more.", room) : lines
  }

  // MARK: Throttling

  /// The ratio, and what it denies.
  private func ratio(_ form: ThrottleForm, _ glyphs: Glyphs) -> Line {
    var line = input("ratio", form.ratio.text, isFocused: form.focus == .ratio, glyphs)
    if let ratio = Double(form.ratio.text), ThrottleOrder.objection(toRatio: ratio) == nil {
      line.spans.append(("  denies \(ThrottleOrder.denial(ofRatio: ratio))", .muted))
    }
    return line
  }

  private func throttle(_ form: ThrottleForm, _ room: Int, _ glyphs: Glyphs) -> [Line] {
    if form.isReviewed, let order = form.order {
      return review(order.sentence, room, form.caution)
    }
    var lines = [
      input("app", form.app.text, isFocused: form.focus == .app, glyphs),
      presets(form.app.presets, form.app.text, room),
      input("for", form.duration.text, isFocused: form.focus == .duration, glyphs),
      presets(form.duration.presets, form.duration.text, room),
      ratio(form, glyphs),
      presets(form.ratio.presets, form.ratio.text, room),
      field(
        "exempt", form.isExempt ? "yes: never deny it" : "no", isFocused: form.focus == .exempt,
        glyphs),
    ]
    for (index, choice) in form.scopes.choices.enumerated() {
      let isChosen = index == form.scopeIndex
      let mark = isChosen ? glyphs.dot : glyphs.ring
      let label = index == 0 ? "where" : ""
      let isFocused = form.focus == .scope && isChosen
      let title = choice.reason == nil ? choice.title : choice.name
      var spans = field(label, "\(mark) \(title)", isFocused: isFocused, glyphs).spans
      if let reason = choice.reason {
        spans[spans.count - 1].1 = .muted
        spans.append((": \(reason)", isChosen ? .warning : .muted))
      }
      lines.append(Line(spans: spans))
    }
    return lines + complained(form.complaint ?? form.scope.warning ?? form.caution)
      + [
        Line(),
        hints(
          "\(glyphs.upDown) field   left right choose   or type   Enter goes on   Esc cancels"),
      ]
  }

  private func rules(_ list: RuleList, _ size: Size, _ glyphs: Glyphs) -> [Line] {
    if let order = list.order { return review(order.sentence, size.columns) }
    let rows = list.rules.enumerated().map { index, rule in
      let place =
        switch rule.scope {
        case .keyspace(let keyspace): "keyspace \(keyspace), in topo"
        case .tablets(let tablets): tablets.map(\.label).joined(separator: ", ") + ", in memory"
        }
      let denied = Int((rule.app.deniedShare * 100).rounded())
      let how =
        rule.app.isExempt
        ? "exempt" : "ratio \(rule.app.ratio.inHundredths) denies \(denied) %"
      let left = (rule.app.expiresAt - now).countdown
      let isSelected = index == list.selected
      return Line(spans: [
        (isSelected ? "\(glyphs.selection)" : " ", .keyHint),
        (String(rule.app.name.prefix(size.columns / 2)), isSelected ? .rowSelected : rule.app.role),
        ("  \(how), \(left) left, \(place)", .text),
      ])
    }
    let visible = max(1, size.rows - 2)
    let start = max(0, min(list.selected - visible / 2, rows.count - visible))
    return Array(rows[start..<min(rows.count, start + visible)]) + [
      Line(),
      hints(
        "\(glyphs.upDown) app   Enter releases   r renews for \(RuleList.renewal.asFlag)   "
          + "Esc cancels"),
    ]
  }

  private func throttler(_ form: ThrottlerForm, _ room: Int, _ glyphs: Glyphs) -> [Line] {
    if form.isReviewed, let order = form.order { return review(order.sentence, room) }
    let current =
      form.current.map { config in
        "\(config.isEnabled ? "on" : "off"), threshold "
          + (config.threshold > 0 ? config.threshold.inHundredths : "as the release has it")
      } ?? "not known"
    var lines = [field("now", current, isFocused: false, glyphs)]
    if let metric = form.metric {
      lines.append(field("decides", metric.decider.safe(), isFocused: false, glyphs))
    }
    lines += [
      field("change", form.change.rawValue, isFocused: form.focus == .change, glyphs),
      presets(form.offered.map(\.rawValue), form.change.rawValue, room),
    ]
    let asks = form.fields
    if asks.contains(.query) {
      // The end is where it is typed.
      let query = end(of: form.query.text, columns: room - 12)
      lines += [
        input("query", query, isFocused: form.focus == .query, glyphs),
        presets(form.query.presets, form.query.text, room),
      ]
    }
    if asks.contains(.threshold) {
      lines += [
        input("threshold", form.threshold.text, isFocused: form.focus == .threshold, glyphs),
        presets(form.threshold.presets, form.threshold.text, room),
      ]
    }
    if asks.contains(.checks) {
      lines.append(
        field("check as", checks(form.checks), isFocused: form.focus == .checks, glyphs))
    } else if [.query, .lag].contains(form.change), let reason = form.checksReason {
      lines.append(Line(spans: [(pad(" check as", 11), .tableHeader), (reason, .muted)]))
    }
    return lines + complained(form.complaint)
      + [
        Line(), hints("\(glyphs.upDown) field   left right choose   Enter goes on   Esc cancels"),
      ]
  }

  /// In vtctldclient's words.
  private func checks(_ scope: DefaultMetric.Scope?) -> String {
    switch scope {
    case .itself?: "check-self: the asked tablet's own value"
    case .shard?: "check-shard: the shard's value"
    case nil: "as it is"
    }
  }

  // MARK: Reparents

  private func reparent(_ form: ReparentForm, _ size: Size, _ glyphs: Glyphs) -> [Line] {
    let room = size.columns
    let candidate = form.candidates[form.candidateIndex].map(\.short) ?? "vtctld chooses"
    let head = [
      field("kind", form.kind.rawValue, isFocused: form.focus == .kind, glyphs),
      field("to", candidate, isFocused: form.focus == .candidate, glyphs),
      input("timeout", form.timeout.text, isFocused: form.focus == .timeout, glyphs),
    ]
    var tail: [Line] = []
    if let order = form.order { tail += paragraph(order.sentence, room, .emphasis) }
    tail.append(
      input(
        "type \(form.password):", form.confirmation.text, isFocused: form.focus == .confirmation,
        glyphs))
    tail += complained(form.complaint)
    tail.append(
      hints(
        "type \(form.isRehearsal ? "y" : "the name"), then Enter sends   \(glyphs.upDown) field   "
          + "Esc cancels"))
    let space = size.rows - head.count - tail.count
    return head + checks(form, Size(columns: room, rows: space), glyphs) + tail
  }

  /// The preflight's lines; where there is no room for all, what passes is only counted.
  private func checks(
    _ form: ReparentForm, _ size: Size, _ glyphs: Glyphs
  ) -> [Line] {
    guard let preflight, form.hasFacts else { return [Line("looking at topo and traffic", .muted)] }
    func lines(_ checks: [Preflight.Line]) -> [Line] {
      checks.flatMap { check($0, form, size.columns, glyphs) }
    }
    let all = lines(preflight.lines)
    guard all.count > size.rows else { return all }
    let others = preflight.lines.filter { $0.status > .pass }
    let passing = preflight.lines.count - others.count
    let count = Line(spans: [(pad(" pass", 7), .good), ("\(passing) other checks", .text)])
    let shown = lines(others) + (passing > 0 ? [count] : [])
    guard shown.count > size.rows else { return shown }
    // What the cursor is on stays in sight.
    let focus = others.firstIndex { form.focus == .override($0.check) }
    let end = focus.map { lines(Array(others[...$0])).count } ?? shown.count
    return Array(shown.prefix(max(end, size.rows)).suffix(max(1, size.rows)))
  }

  private func check(
    _ line: Preflight.Line, _ form: ReparentForm, _ columns: Int, _ glyphs: Glyphs
  ) -> [Line] {
    let isFocused = line.status == .fail && form.focus == .override(line.check)
    var evidence = line.evidence.safe()
    if line.status == .fail, form.overrides(line.check) {
      evidence += "; overridden"
    } else if isFocused {
      evidence += "; space overrides it"
    }
    let texts = Paragraph(evidence, columns: max(10, columns - 24)).lines
    return texts.prefix(3).enumerated().map { index, text in
      let head = index == 0 ? (line.status.word, line.check.rawValue) : ("", "")
      return Line(spans: [
        (isFocused && index == 0 ? "\(glyphs.selection)" : " ", .keyHint),
        (pad(head.0, 6), line.status.role), (pad(head.1, 17), .tableHeader),
        (text, isFocused ? .input : .text),
      ])
    }
  }

  // MARK: How an action goes

  private func progress(_ size: Size, asksToBreakOff: Bool, _ glyphs: Glyphs) -> [Line] {
    let room = size.columns
    guard let report else { return [Line("it is no longer known", .muted)] }
    var lines = paragraph(report.action.sentence, room, .emphasis)
    let elapsed = (report.endedAt ?? now) - report.startedAt
    lines.append(
      Line(
        report.outcome != nil
          ? "took \(elapsed.tight)"
          : report.sentAt == nil ? "not sent yet" : "sent, \(elapsed.inTenths) so far", .muted))
    // What went wrong first: it must be seen however many tablets there are.
    let order: [ActionReport.Part.State] = [.failed, .unknown, .pending, .done]
    let parts = order.flatMap { state in report.parts.filter { $0.state == state } }
    let shown = parts.prefix(max(3, size.rows - 14))
    for part in shown {
      let texts = Paragraph(words(part.words), columns: max(10, room - 36)).lines
      for (index, text) in texts.prefix(3).enumerated() {
        lines.append(
          Line(spans: [
            (pad(index == 0 ? part.state.rawValue : "", 9), part.state.role),
            (pad(index == 0 ? part.subject : "", 27), .text), (text, .text),
          ]))
      }
    }
    if parts.count > shown.count {
      lines.append(Line("and \(parts.count - shown.count) more", .muted))
    }
    if case .reparent = report.action { lines.append(Line(spans: state(glyphs))) }
    lines += report.events.suffix(6).map { Line("vtctld: \(words($0))", .muted) }
    guard let outcome = report.outcome else {
      if asksToBreakOff {
        return lines
          + paragraph(
            "Break the call off? vtctld may finish the reparent all the same, or leave the shard in "
              + "need of another one.", room, .warning)
          + [Line(), hints("y breaks it off, any other key goes on waiting")]
      }
      let breakOff = canBreakOff ? "   x breaks the call off" : ""
      return lines + [Line(), hints("Esc leaves it running, v shows it again\(breakOff)")]
    }
    let next = if case .reparent = report.action { "; f then shows the failover" } else { "" }
    return lines
      + paragraph("\(outcome.rawValue): \(words(report.verdict))", room, outcome.severity.role)
      + [Line(), hints("Esc closes this\(next)")]
  }

  /// What a server has said.
  private func words(_ text: String) -> String { TabletAlias.shortened(in: text.safe(limit: 4000)) }

  /// What vtgates and tablets show of the shard now.
  private func state(_ glyphs: Glyphs) -> [(String, StyleRole)] {
    guard let summary else { return [] }
    let primary = summary.primary.map { $0.short + (summary.primaryIsServing ? "" : "?") } ?? "none"
    return [
      ("now: ", .muted), (summary.state.word, summary.state.role),
      (
        ", primary \(primary), held \(Phrases.count(summary.held)), failed "
          + (summary.failed.map { Phrases.failed($0, glyphs).0 } ?? String(glyphs.none)), .text
      ),
    ]
  }

  // MARK: Parts

  private func review(_ sentence: String, _ room: Int, _ caution: String? = nil) -> [Line] {
    paragraph(sentence, room, .emphasis) + complained(caution)
      + [Line(), hints("y sends it   Esc goes back")]
  }

  private func field(
    _ label: String, _ text: String, isFocused: Bool, _ glyphs: Glyphs
  ) -> Line {
    Line(spans: [
      (isFocused ? "\(glyphs.selection)" : " ", .keyHint), (pad(label, 10), .tableHeader),
      (text, isFocused ? .input : .text),
    ])
  }

  /// A field that can be typed into.
  private func input(
    _ label: String, _ text: String, isFocused: Bool, _ glyphs: Glyphs
  ) -> Line {
    field(label, isFocused ? "\(text)_" : text, isFocused: isFocused, glyphs)
  }

  /// As much of a text's end as fits.
  private func end(of text: String, columns: Int) -> String {
    var width = 0
    let kept = text.reversed().prefix { character in
      width += DisplayWidth.of(character)
      return width <= columns
    }
    return String(kept.reversed())
  }

  /// As many of the presets as fit, from the chosen one on.
  private func presets(_ presets: [String], _ chosen: String, _ room: Int) -> Line {
    let all = presets.reduce(11) { $0 + DisplayWidth.of($1) + 1 }
    let start = all <= room ? 0 : presets.firstIndex(of: chosen).map { max(0, $0 - 3) } ?? 0
    var spans: [(String, StyleRole)] = [(pad("", 11), .text)]
    var width = 11
    for preset in presets[start...] {
      let size = DisplayWidth.of(preset) + 1
      guard width + size <= room else { break }
      spans.append((preset, preset == chosen ? .emphasis : .muted))
      spans.append((" ", .text))
      width += size
    }
    return Line(spans: spans)
  }

  private func complained(_ complaint: String?) -> [Line] {
    complaint.map { [Line("! \($0)", .warning)] } ?? []
  }

  private func hints(_ text: String) -> Line { Line(text, .keyHintLabel) }

  private func paragraph(
    _ text: String, _ room: Int, _ role: StyleRole = .text
  ) -> [Line] {
    Paragraph(text.safe(limit: 4000), columns: room).lines.map { Line($0, role) }
  }

  private func pad(_ text: String, _ width: Int) -> String {
    let missing = width - DisplayWidth.of(text)
    return missing > 0 ? text + String(repeating: " ", count: missing) : text + " "
  }
}
