/// A table as a statement names it.
package struct TableName: Sendable, Hashable, CustomStringConvertible {
  /// Nil: of the current database.
  package let database: String?
  package let table: String

  package init(database: String?, table: String) {
    self.database = database?.caseFolded
    self.table = table.caseFolded
  }

  package var description: String { (database.map { $0 + "." } ?? "") + table }
}

extension String {
  /// As names are compared.
  ///
  /// Some servers tell capitals apart, others do not, each with rules of its own for letters like ß.
  /// Names that any of them takes for the same are the same here.
  package var caseFolded: String { lowercased().uppercased().lowercased() }
}
