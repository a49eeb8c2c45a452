package import Terms

// What lies in which cell, and what follows when one is lost.
extension LabCluster {
  package var cells: [String] { configuration.cells }

  /// The tablets of a cell, by alias.
  package func tablets(in cell: String) -> [TabletAlias] {
    tablets.keys.filter { $0.cell == cell }.sorted()
  }

  /// A cell of topo; refused where there is no such cell.
  package func checkCells(_ names: some Sequence<String>) throws(Refusal) {
    for name in names where !cells.contains(name) { throw Refusal.noCell(name) }
  }

  /// Loses a cell with all its servers, or brings it back.
  ///
  /// Its vtgates and vttablets end and their mysqlds with them, as when a zone loses its power; its
  /// part of topo cannot be read meanwhile. Another cell's servers know nothing of it but that
  /// nobody answers.
  mutating func setCell(_ name: String, isLost: Bool) throws(Refusal) {
    try checkCells([name])
    guard lostCells.contains(name) != isLost else { return }
    if isLost { lostCells.insert(name) } else { lostCells.remove(name) }
    for alias in tablets(in: name) {
      try inject(.mysql(alias, isRunning: !isLost))
      try inject(.tablet(alias, isLost ? .dead : .running))
    }
    for index in vtgates.indices where vtgates[index].cell == name {
      try inject(.vtgate(index, isLost ? .dead : .running))
    }
  }
}
