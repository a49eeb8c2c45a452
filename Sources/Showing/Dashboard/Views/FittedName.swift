internal import TerminalKit
internal import Terms

extension Canvas {
  /// A shard's name in a number of columns: one that is too long loses the keyspace's end, never
  /// the shard.
  func fit(_ name: ShardName, to columns: Int) -> String {
    let end = "/\(name.shard)"
    let room = columns - DisplayWidth.of(end)
    return room > 2 ? fit(name.keyspace, to: room) + end : "\(name)"
  }
}

extension TableCell {
  /// A shard's name, as much of it as there is room for.
  static func shard(_ name: ShardName, _ role: StyleRole) -> TableCell {
    .drawing { canvas, rect in
      canvas.draw(canvas.fit(name, to: rect.columns), in: rect, role: role)
    }
  }
}
