/// A JSON document with its fields in order, written as Go's encoding/json does, also indented.
package indirect enum JSONNode: Sendable {
  case object([(String, JSONNode)])
  case array([JSONNode])
  case string(String)
  case number(Double)
  case bool(Bool)
  case null

  package static func int(_ value: Int) -> JSONNode { .number(Double(value)) }

  /// The document as text; `depth` is how deep it stands in a larger one.
  package func text(indent: String? = nil, depth: Int = 0) -> String {
    var text = ""
    write(into: &text, indent: indent, depth: depth)
    return text
  }

  private func write(into text: inout String, indent: String?, depth: Int) {
    switch self {
    case .string(let value): text += JSONText.string(value)
    case .number(let value): text += JSONText.number(value)
    case .bool(let value): text += value ? "true" : "false"
    case .null: text += "null"
    case .array(let items):
      Self.list("[", "]", items.count, &text, indent, depth) { index, text in
        items[index].write(into: &text, indent: indent, depth: depth + 1)
      }
    case .object(let fields):
      Self.list("{", "}", fields.count, &text, indent, depth) { index, text in
        text += JSONText.string(fields[index].0) + (indent == nil ? ":" : ": ")
        fields[index].1.write(into: &text, indent: indent, depth: depth + 1)
      }
    }
  }

  private static func list(
    _ open: String, _ close: String, _ count: Int, _ text: inout String, _ indent: String?,
    _ depth: Int, _ item: (Int, inout String) -> Void
  ) {
    text += open
    for index in 0..<count {
      if index > 0 { text += "," }
      if let indent { text += "\n" + String(repeating: indent, count: depth + 1) }
      item(index, &text)
    }
    if let indent, count > 0 { text += "\n" + String(repeating: indent, count: depth) }
    text += close
  }
}
