package import FleetModel
internal import Terms

/// A vtgate as a scrape names it.
package struct StoredVtgate: Sendable, Equatable {
  package let target: Target
  let job: String?
  private let instance: String
  /// How many more targets with this address were scraped; they are left out.
  package var alsoScraped = 0

  /// The port of an address that has none, as in a URL.
  private static let defaultPort = 80

  /// `labels`: those that the scrape adds; `instance` is the address unless somebody has changed it.
  package init?(_ labels: [String: String]) {
    guard let instance = labels["instance"],
      let address = Address(instance) ?? Address(named: instance, port: Self.defaultPort)
    else { return nil }
    target = Target(.vtgate, address)
    self.instance = instance
    job = labels["job"]
  }

  /// What picks its series.
  var matchers: [String] {
    [("instance", instance), ("job", job)].compactMap { label, value in
      value.map { "\(label)=\"\($0.labelEscaped)\"" }
    }
  }
}
