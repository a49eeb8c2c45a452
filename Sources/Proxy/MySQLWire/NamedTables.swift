package import NIOCore

/// The tables that statements name where tables stand.
///
/// Words are followed, and parentheses: FROM and JOIN with their lists; what is inserted into,
/// updated, deleted from, loaded into, locked, created, altered or referred to. It is no parser, and
/// so the names that matter are also looked for wherever they stand (``mentioned``): what is not
/// understood is seen at least.
///
/// What views, procedures, functions and triggers lead to is not seen, nor SQL in strings (PREPARE,
/// EXECUTE IMMEDIATE).
package struct NamedTables: Sendable, Equatable {
  /// Why the tables of a statement may be others than those that were read.
  package enum Doubt: Sendable, Equatable {
    /// WITH gives names to results in a way that may hide tables of these names.
    case with
    /// It begins with a word that may be followed by statements, or is not known.
    case statement(String)
    /// A name that is watched for may be in quotes with a backslash, or behind them: where these end
    /// depends on ANSI_QUOTES, of which no answer tells, or on a sql_mode that is set before them.
    case quotes
    /// It names too many tables, or nests too deeply, to be read to its end.
    case size
  }

  package private(set) var all: Set<TableName> = []
  /// Names that WITH gives to results.
  package private(set) var common: Set<String> = []
  /// Those of the names watched for that occur outside of single quotes and comments, at any place.
  package private(set) var mentioned: Set<TableName> = []
  package private(set) var doubt: Doubt?

  package init() {}

  package init(_ table: TableName) { all = [table] }

  /// Reads SQL, one statement or several.
  ///
  /// `escapes`: whether a backslash escapes in strings; `watching`: names of tables, case-folded.
  package init(of sql: ByteBuffer, escapes: Bool, watching names: Set<String> = []) {
    var tokens = StatementTokens(Array(sql.readableBytesView), escapes: escapes)
    var scan = TableScan()
    var mentions = TableMentions(names)
    var (isInDoubt, setsMode) = (false, false)
    while !scan.isTooLarge, let token = tokens.next() {
      let name = tokens.possibleName
      mentions.take(token, name)
      scan.take(token, name)
      setsMode = setsMode || token.isSQLMode
      if !names.isEmpty, !isInDoubt, tokens.isOfDoubtfulLength(maySetMode: setsMode) {
        isInDoubt = true
        if tokens.hasWordAhead(of: names) { doubt = .quotes }
      }
    }
    let isTooLarge = scan.isTooLarge
    scan.endStatement()
    (all, common, mentioned) = (scan.tables, scan.common, mentions.found)
    doubt = doubt ?? scan.doubt ?? (common.isDisjoint(with: names) ? nil : .with)
    if isTooLarge { doubt = .size }
  }
}
