package import FleetModel

extension Wording {
  /// Why a server gave no reading, without a period.
  package func words(_ failure: ScrapeFailure) -> String { quote(failure.description) }
}
