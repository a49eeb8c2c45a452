internal import Operations
internal import TerminalKit

/// A file that holds a secret of the operator's.
enum SecretFile {
  /// What is wrong with who else can reach it; nil where nothing is, or none is named.
  static func doubt(_ flag: String, _ path: String?) -> String? {
    guard let path else { return nil }
    let others =
      OwnFile.isWritableByOthers(path)
      ? "changed" : OwnFile.isReadableByOthers(path) ? "read" : nil
    return others.map { "\(flag): \(path) can be \($0) by others: chmod 600 it".safe(limit: 400) }
  }
}
