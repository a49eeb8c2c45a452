package import Terms

/// Where servers are reached that listen at addresses of a certain form, such as pods of a cluster
/// behind a gateway: `pod-(.*)\.vitess:15000 -> gw.example/\1`.
package struct AddressRule: Sendable {
  private let pattern: String
  /// What stands in its place; `\1` to `\9` are what the groups of the pattern matched.
  private let replacement: String

  /// Reads `PATTERN -> ADDRESS`.
  ///
  /// Nil where the arrow, the pattern or an address that can come of it is missing.
  package init?(_ text: String) {
    let parts = text.split(separator: "->", maxSplits: 1).map { part in
      part.split(separator: " ").joined(separator: " ")
    }
    guard parts.count == 2, (try? Regex(parts[0])) != nil,
      Self.address(Self.filled(parts[1]) { _ in "1" }) != nil
    else { return nil }
    pattern = parts[0]
    replacement = parts[1]
  }

  /// Nil when the address is not of that form, or no address comes of it.
  package func place(_ address: Address) -> Address? {
    guard let regex = try? Regex(pattern),
      let match = try? regex.wholeMatch(in: address.authority)
    else { return nil }
    return Self.address(
      Self.filled(replacement) { number in
        number < match.output.count ? match.output[number].substring.map(String.init) ?? "" : ""
      })
  }

  /// Whether a server on this host may have been meant; groups of the pattern stand for anything.
  func leads(to address: Address) -> Bool {
    let group = "any-group"
    guard let form = Self.address(Self.filled(replacement) { _ in group }),
      (form.port, form.isSecure) == (address.port, address.isSecure)
    else { return false }
    let parts = form.host.split(separator: group, omittingEmptySubsequences: false)
    guard parts.count > 1 else { return form.host == address.host }
    return address.host.count >= parts.reduce(0) { $0 + $1.count }
      && address.host.hasPrefix(parts.first ?? "") && address.host.hasSuffix(parts.last ?? "")
  }

  private static func filled(_ text: String, _ group: (Int) -> String) -> String {
    text.replacing(/\\([1-9])/) { match in group(Int(match.output.1) ?? 0) }
  }

  /// Without a port of its own it has that of HTTP.
  private static func address(_ text: String) -> Address? {
    Address(text) ?? Address("http://\(text)")
  }
}
