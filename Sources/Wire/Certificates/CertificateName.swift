/// A name that a certificate is valid for; the subject's common name no longer is one.
enum CertificateName: Equatable, CustomStringConvertible {
  case host(String)
  case address(IPAddress)

  var description: String {
    switch self {
    case .host(let name): name
    case .address(let address): address.description
    }
  }

  /// Whether it matches what the operator gave: an address matches only the same address, however it is
  /// spelled, and a host name only a host name.
  func matches(_ given: String) -> Bool {
    switch (self, IPAddress(given)) {
    case (.address(let own), let address?): own == address
    case (.host(let own), nil): Self.matches(given, own)
    default: false
    }
  }

  /// A leading `*.` stands for exactly one label, as in RFC 6125.
  private static func matches(_ host: String, _ name: String) -> Bool {
    func labels(_ text: String) -> [Substring] {
      (text.hasSuffix(".") ? text.dropLast() : text[...]).lowercased()[...]
        .split(separator: ".", omittingEmptySubsequences: false)
    }
    let (wanted, given) = (labels(host), labels(name))
    guard wanted.count == given.count, !wanted.contains("") else { return false }
    guard given.first == "*", given.count > 2 else { return wanted == given }
    return wanted.dropFirst() == given.dropFirst()
  }
}
