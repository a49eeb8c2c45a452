internal import FoundationEssentials
internal import GRDB

/// One value of a reading: whatever stands at one path.
enum Leaf: Sendable, Hashable {
  case integer(Int64)
  case real(Double)
  case text(String)
  /// A list or an object without anything in it.
  case empty
}

/// A reading, or a part of one, as its values by their paths; see docs/recording.md.
typealias Leaves = [String: Leaf]

extension Leaf: DatabaseValueConvertible {
  /// SQLite has no number that is none: it would store NULL, which means that a value is gone.
  private static let notANumber = "NaN"
  /// An empty list or object, as bytes and not as text: a server may name something `{}`.
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

  /// The leaf as it comes back: SQLite knows neither NaN nor -0, and text ends at a NUL.
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
