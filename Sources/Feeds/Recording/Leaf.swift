internal import FoundationEssentials
internal import GRDB

/// One value of a reading: what is at one path.
enum Leaf: Sendable, Hashable {
  case integer(Int64)
  case real(Double)
  case text(String)
  /// An empty list or object.
  case empty
}

/// A reading, or part of one, as values by path; see docs/recording.md.
typealias Leaves = [String: Leaf]

extension Leaf: DatabaseValueConvertible {
  /// Stands for NaN: SQLite would store NULL, which here means that a value is gone.
  private static let notANumber = "NaN"
  /// An empty list or object, stored as a blob because `{}` could also be a text from a server.
  private static let nothing = Data("{}".utf8)

  var databaseValue: DatabaseValue {
    switch stored {
    case .integer(let number): number.databaseValue
    case .real(let number): number.databaseValue
    case .text(let text): text.databaseValue
    case .empty: Self.nothing.databaseValue
    }
  }

  var isNumber: Bool {
    switch self {
    case .integer, .real: true
    case .text, .empty: false
    }
  }

  /// The leaf as it will be read back: SQLite keeps neither NaN nor -0, and cuts text at a NUL.
  var stored: Leaf {
    switch self {
    case .real(let number) where number.isNaN: .text(Self.notANumber)
    case .real(0): .real(0)
    case .text(let text) where text.utf8.contains(0): .text(text.replacing("\0", with: "\u{FFFD}"))
    case .integer, .real, .text, .empty: self
    }
  }

  static func fromDatabaseValue(_ value: DatabaseValue) -> Leaf? {
    switch value.storage {
    case .int64(let number): .integer(number)
    case .double(let number): .real(number)
    case .string(let text): .text(text)
    case .blob(let bytes): bytes == nothing ? .empty : nil
    case .null: nil
    }
  }
}
