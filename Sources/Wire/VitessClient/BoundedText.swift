extension String {
  /// Its beginning, as far as that has no more than so many bytes; half a character becomes U+FFFD.
  ///
  /// One character can be as long as a page: any number of marks may follow a letter.
  func cut(toBytes limit: Int) -> String {
    utf8.count <= limit ? self : String(decoding: utf8.prefix(limit), as: UTF8.self)
  }
}
