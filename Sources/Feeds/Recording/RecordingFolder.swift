internal import FoundationEssentials
package import Terms

/// A folder of one cluster's recordings, one file a day, from which old ones are removed.
package struct RecordingFolder: Sendable {
  private static let ending = ".sluice"

  package let path: String
  /// The prefix of the names: `sluice-prod-eu-`.
  private let beginning: String

  /// `cluster`: what the operator calls it; in file names anything but letters and digits becomes `-`.
  package init(_ path: String, cluster: String) {
    self.path = path
    let name = cluster.utf8.prefix(64).map { byte in
      let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
      return isPlain ? byte : UInt8(ascii: "-")
    }
    beginning = "sluice-\(String(decoding: name, as: UTF8.self))-"
  }

  /// Creates the folder if it is missing, accessible to its owner only.
  package func make() throws(RecordingFault) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .failed("the folder \(path) cannot be made")
    }
  }

  /// The path for a recording that starts now: `sluice-prod-eu-20261127-140322.sluice`, in UTC.
  package func file(at now: Instant) -> String {
    let clock = UTCTime(now)
    let time = "\(clock.date.filter(\.isNumber))-\(clock.time.filter(\.isNumber))"
    return "\(path)/\(beginning)\(time)\(Self.ending)"
  }

  /// Removes recordings older than `age`, then the oldest until the rest fit into `size` bytes; nil sets
  /// no limit.
  ///
  /// Only files named for this cluster are removed, and never one that is being written.
  /// - Returns: the names of the removed files.
  @discardableResult
  package func prune(olderThan age: Duration?, size: Int?, at now: Instant) -> [String] {
    let files = FileManager.default
    // The names sort by time.
    let names = ((try? files.contentsOfDirectory(atPath: path)) ?? []).filter(isOwn).sorted()
    let all = names.map { name in
      let file = "\(path)/\(name)"
      let attributes = try? files.attributesOfItem(atPath: file)
      return (
        file: file, name: name, size: (attributes?[.size] as? Int) ?? 0,
        changed: (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970
      )
    }
    var total = all.reduce(0) { $0 + $1.size }
    var removed: [String] = []
    for entry in all {
      let isOld =
        age.map { age in
          entry.changed.map { Instant(secondsSinceEpoch: $0) < now - age } ?? false
        } ?? false
      let isTooMuch = size.map { total > $0 } ?? false
      guard isOld || isTooMuch, !RecordingFile.isHeld(entry.file) else { continue }
      guard RecordingFile.remove(entry.file) else { continue }
      total -= entry.size
      removed.append(entry.name)
    }
    return removed
  }

  /// Whether a name is the prefix, eight digits, a dash and six digits.
  private func isOwn(_ name: String) -> Bool {
    guard name.hasPrefix(beginning), name.hasSuffix(Self.ending) else { return false }
    let time = name.dropFirst(beginning.count).dropLast(Self.ending.count)
    let digits = time.split(separator: "-", omittingEmptySubsequences: false)
    return digits.map(\.count) == [8, 6] && digits.allSatisfy { $0.allSatisfy(\.isNumber) }
  }
}
