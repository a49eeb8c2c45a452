internal import GRDB
package import Terms

/// Why a recording cannot be written or read, or not any further.
package enum RecordingFault: Error, Sendable, Equatable, CustomStringConvertible {
  case exists
  case isBeingWritten
  /// The file is not a recording.
  case foreign
  /// Its version is newer than ``RecordingFile/version``, the newest that this program reads.
  case newer(Int)
  case missing
  /// It names no cluster: it ended before anything was written.
  case blank
  /// `after`: the last moment that can be read.
  case damaged(after: Instant?)
  /// The disk is full.
  case full
  /// As the system or SQLite words it.
  case failed(String)

  package var description: String {
    switch self {
    case .exists: "it is there already: name another file, recordings are never written over"
    case .isBeingWritten: "another recorder is writing to it"
    case .foreign: "it is no recording of sluice"
    case .newer(let version):
      "a newer sluice has written it (format \(version), this one reads up to "
        + "\(RecordingFile.version)): use that"
    case .missing: "there is no such file"
    case .blank: "there is nothing in it yet"
    case .damaged(let after?):
      "it is damaged after \(after.rfc3339): everything up to there can be read"
    case .damaged(nil): "it is damaged, and nothing in it can be read"
    case .full: "the disk is full"
    case .failed(let words): words
    }
  }

  init(_ error: any Error) {
    switch error {
    case let fault as RecordingFault: self = fault
    case let error as DatabaseError:
      switch error.resultCode {
      case .SQLITE_FULL: self = .full
      case .SQLITE_NOTADB: self = .foreign
      case .SQLITE_CORRUPT: self = .damaged(after: nil)
      default: self = .failed(error.message ?? "\(error.resultCode)")
      }
    default: self = .failed("\(error)")
    }
  }
}
