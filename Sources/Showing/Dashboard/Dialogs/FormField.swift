/// A field of a form.
protocol FormField: CaseIterable, Equatable {}

extension FormField {
  /// The field that many places on; stops at the ends.
  func moved(by count: Int) -> Self {
    let all = Array(Self.allCases)
    guard let index = all.firstIndex(of: self) else { return self }
    return all[min(max(0, index + count), all.count - 1)]
  }
}
