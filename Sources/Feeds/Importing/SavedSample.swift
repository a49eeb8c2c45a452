package import FleetModel
package import Terms
package import VitessClient

/// What one server answered at one moment, wherever that was stored.
package struct SavedSample: Sendable {
  package let target: Target
  package let at: Instant
  /// Reads it, when its turn has come; nil where somebody has noted that there was no answer.
  package let pages: @Sendable () throws(ImportFault) -> SavedPages?

  package init(
    of target: Target, at instant: Instant,
    _ pages: @escaping @Sendable () throws(ImportFault) -> SavedPages?
  ) {
    self.target = target
    at = instant
    self.pages = pages
  }
}

/// Why nothing could be imported.
package enum ImportFault: Error, Sendable, Equatable, CustomStringConvertible {
  case missing(String)
  /// None of its folders is named after a server.
  case namesNoServer(String)
  /// No file has both a time and metrics.
  case empty(String)
  /// The files of one server's folder are named after several.
  case ofSeveralServers(String, names: [String])
  /// Two files of one server's folder are of one moment.
  case twiceAtOnce(String, first: String, second: String)
  /// A server's samples look like neither a vtgate's nor a vttablet's.
  case ofNoKnownKind(String)
  /// `words`: as the system puts it.
  case unreadable(String, words: String)

  package var description: String {
    switch self {
    case .missing(let path): "\(path): there is no such folder"
    case .namesNoServer(let path):
      "\(path): none of its folders is named after a server, such as vtgate-10.0.0.1:15001"
    case .empty(let path):
      "\(path): no file in it has a time in its name, such as 1795000000.prom"
    case .ofSeveralServers(let path, let names):
      "\(path): its files are named after several servers (\(names.joined(separator: ", "))): each needs "
        + "a folder of its own, such as \(path)/vtgate-10.0.0.1:15001"
    case .twiceAtOnce(let path, let first, let second):
      "\(path): \(first) and \(second) are of one moment: if they are of two servers, each needs a folder "
        + "of its own, such as \(path)/vtgate-10.0.0.1:15001"
    case .ofNoKnownKind(let path):
      "\(path): its first file shows neither a vtgate nor a vttablet: say in the folder's name which it is"
    case .unreadable(let path, let words): "\(path): \(words)"
    }
  }
}
