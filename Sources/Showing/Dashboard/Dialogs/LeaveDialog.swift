internal import TerminalKit

/// Asks before the program ends while actions or failovers are running.
struct LeaveDialog: Dialog {
  var place: Place { .leave }
  var title: String { "leave" }
  var question: String? { title }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    command == .confirmLeaving || command == .interrupt ? [.quit] : nil
  }

  func offers(in model: Model) -> [Offer] {
    [Offer(.confirmLeaving, "leaves"), Offer(.dismiss, "stays")]
  }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    var lines: [DialogLine] = []
    let shards = model.shardsFailingOver
    if let first = shards.first {
      let more =
        shards.count > 1 ? " and of \(Phrases.plural(shards.count - 1, "other shard"))" : ""
      lines += DialogLine.paragraph(
        "The failover of \(first)\(more) is still going on. If you leave now you will not see how "
          + "it ends, and what you have seen of it is kept only in a recording.",
        columns: room.columns)
    }
    if model.hasRunningActions {
      lines += DialogLine.paragraph(
        "An action is still running. Leaving hangs up on the server, which may finish it or leave "
          + "it half done. The audit log will say that the outcome is unknown.",
        columns: room.columns)
    }
    for cluster in model.otherClusters where cluster.isActing {
      lines += DialogLine.paragraph(
        "An action on \(cluster.name) is still running.", columns: room.columns)
    }
    for cluster in model.otherClusters {
      guard let first = cluster.shardsFailingOver.first else { continue }
      lines += DialogLine.paragraph(
        "In \(cluster.name) the failover of \(first) is still going on.", columns: room.columns)
    }
    // They may have ended since the dialog opened.
    return (lines.isEmpty ? [DialogLine("Nothing is going on any more.")] : lines) + [DialogLine()]
  }
}
