/// Something that can be asked about in a form's field.
protocol FormField: CaseIterable, Equatable {}

extension FormField {
  /// So many fields on; stays at the ends.
  func moved(by count: Int) -> Self {
    let all = Array(Self.allCases)
    guard let index = all.firstIndex(of: self) else { return self }
    return all[min(max(0, index + count), all.count - 1)]
  }
}
