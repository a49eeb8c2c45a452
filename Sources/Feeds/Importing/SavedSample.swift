package import FleetModel
package import Terms
package import VitessClient

/// What one server answered at one moment, wherever it was saved.
package struct SavedSample: Sendable {
  package let target: Target
  package let at: Instant
  /// Reads it; a sample is read when its turn has come.
  package let pages: @Sendable () throws(ImportFault) -> SavedPages

  package init(
    of target: Target, at instant: Instant,
    _ pages: @escaping @Sendable () throws(ImportFault) -> SavedPages
  ) {
    self.target = target
    at = instant
    self.pages = pages
  }
}

/// Why nothing can be imported.
package enum ImportFault: Error, Sendable, Equatable, CustomStringConvertible {
  case missing(String)
  /// No folder in it is named as a server.
  case namesNoServer(String)
  /// No file carries a time and metrics.
  case empty(String)
  /// What answers for a server's samples is neither a vtgate nor a vttablet.
  case ofNoKnownKind(String)
  /// `words`: the system's.
  case unreadable(String, words: String)
  /// A server of time series does not answer as one.
  case foreign(String)

  package var description: String {
    switch self {
    case .missing(let path): "\(path): there is no such folder"
    case .namesNoServer(let path):
      "\(path): none of its folders is named after a server, such as vtgate-10.0.0.1:15001"
    case .empty(let path):
      "\(path): no file in it has a time in its name, such as 1795000000.prom"
    case .ofNoKnownKind(let path):
      "\(path): its first file shows neither a vtgate nor a vttablet: say in the folder's name which it is"
    case .unreadable(let path, let words): "\(path): \(words)"
    case .foreign(let words): words
    }
  }
}
