internal import TerminalKit

/// Something that can be asked about in a form's field.
protocol FormField: CaseIterable, Equatable {}

extension FormField {
  /// The next field, or the one before; stays at the ends.
  func moved(_ key: Key) -> Self {
    let all = Array(Self.allCases)
    guard let index = all.firstIndex(of: self) else { return self }
    let next = key == .up || key == .backTab ? index - 1 : index + 1
    return all[min(max(0, next), all.count - 1)]
  }
}
