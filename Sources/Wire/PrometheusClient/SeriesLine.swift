internal import Terms
internal import VitessClient

/// Writes a series as a line of an exposition, as the server had it that was scraped.
struct SeriesLine {
  /// The line up to its value, with the blank before it; kept for its memory.
  private(set) var bytes: [UInt8] = []

  /// The labels that are read, as servers spell them, in the order of their names.
  private static let labels = VtgateMetrics.labels.union(TabletMetrics.labels).sorted()
    .map { Array($0.utf8) }

  mutating func write(_ series: StoredSeries, _ name: String) {
    bytes.removeAll(keepingCapacity: true)
    bytes += name.utf8
    var separator = UInt8(ascii: "{")
    for label in Self.labels {
      guard let place = series.place(ofOwn: label)?.value else { continue }
      bytes.append(separator)
      bytes += label
      bytes += "=\"".utf8
      let value = series.raw(place)
      if value.contains(UInt8(ascii: "\\")) {
        bytes += series.text(place).labelEscaped.utf8
      } else {
        bytes += value
      }
      bytes.append(UInt8(ascii: "\""))
      separator = UInt8(ascii: ",")
    }
    if separator == UInt8(ascii: ",") { bytes.append(UInt8(ascii: "}")) }
    bytes.append(UInt8(ascii: " "))
  }
}

extension StoredSeries {
  /// Where the scrape's labels have a name that the server's have too, these are renamed (Prometheus,
  /// scrape_config, honor_labels).
  private static let renamed = Array("exported_".utf8)

  /// The shard that the server names as the series'.
  var ownShard: ShardName? {
    guard let keyspace = place(ofOwn: Self.keyspace)?.value,
      let shard = place(ofOwn: Self.shard)?.value
    else { return nil }
    return ShardName(keyspace: text(keyspace), shard: text(shard))
  }

  /// The label by which it does, as it is stored.
  var nameOfShard: String? { place(ofOwn: Self.shard).map { text($0.name) } }

  func own(_ label: String) -> String? { place(ofOwn: Array(label.utf8)).map { text($0.value) } }

  private static let keyspace = Array("keyspace".utf8)
  private static let shard = Array("shard_name".utf8)

  /// A label that the server itself gave to the series.
  func place(ofOwn label: [UInt8]) -> (name: Range<Int>, value: Range<Int>)? {
    var plain: (name: Range<Int>, value: Range<Int>)?
    for place in labels {
      if place.name.count == label.count {
        if plain == nil, spells(raw(place.name)[...], label) { plain = place }
      } else if place.name.count == label.count + Self.renamed.count {
        let name = raw(place.name)
        let isRenamed =
          spells(name.prefix(Self.renamed.count), Self.renamed)
          && spells(name.dropFirst(Self.renamed.count), label)
        if isRenamed { return place }
      }
    }
    return plain
  }

  /// Whether a name is the label's, with dashes and dots read as underscores.
  private func spells(_ name: Slice<UnsafeRawBufferPointer>, _ label: [UInt8]) -> Bool {
    for (byte, wanted) in zip(name, label) where byte != wanted {
      let isSpelledOtherwise = byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
      guard wanted == UInt8(ascii: "_"), isSpelledOtherwise else { return false }
    }
    return true
  }
}
