package import Terms

/// The moment written in a file's name.
///
/// Seconds since 1970 (with a fraction or without), milliseconds, microseconds or nanoseconds; or ISO
/// 8601, basic or extended, in UTC unless an offset follows: `1795000000.25.prom`,
/// `metrics-1795000000250.txt`, `20261118T105320Z.prom`, `2026-11-18T10:53:20.5+01:00.txt`. A name may
/// have `-` or `_` in place of the colons.
package struct WrittenMoment: Sendable, Equatable {
  package let at: Instant
  /// What follows it in the file's name.
  package let rest: Substring
  /// What precedes it, such as `vtgate-18001-`.
  package private(set) var before: Substring = ""

  /// Nil if the name contains no moment.
  package init?(in name: String) {
    var start = name.startIndex
    while let first = name[start...].firstIndex(where: Self.isDigit) {
      let text = name[first...]
      if let moment = Self.count(text) ?? Self.date(text) {
        self = moment
        before = name[..<first]
        return
      }
      start = text.firstIndex { !Self.isDigit($0) } ?? name.endIndex
    }
    return nil
  }

  private init(at instant: Instant, rest: Substring) {
    at = instant
    self.rest = rest
  }

  private static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }

  /// A count since 1970; its number of digits tells seconds from fractions of them.
  private static func count(_ text: Substring) -> WrittenMoment? {
    let digits = text.prefix(while: isDigit)
    guard let number = Int64(digits) else { return nil }
    var rest = text[digits.endIndex...]
    switch digits.count {
    case 9...10:
      var nanoseconds: Int64 = 0
      if rest.first == "." {
        let fraction = rest.dropFirst().prefix(while: isDigit)
        if let part = Int64(fraction.prefix(9)) {
          nanoseconds = (0..<max(0, 9 - fraction.count)).reduce(part) { part, _ in part * 10 }
          rest = rest[fraction.endIndex...]
        }
      }
      return WrittenMoment(
        at: Instant(nanoseconds: number * 1_000_000_000 + nanoseconds), rest: rest)
    case 13: return WrittenMoment(at: Instant(nanoseconds: number * 1_000_000), rest: rest)
    case 16: return WrittenMoment(at: Instant(nanoseconds: number * 1000), rest: rest)
    case 19: return WrittenMoment(at: Instant(nanoseconds: number), rest: rest)
    default: return nil
    }
  }

  private static func date(_ text: Substring) -> WrittenMoment? {
    guard
      let match = text.prefixMatch(
        of:
          /(\d{4})-?(\d\d)-?(\d\d)[T_ -]?(\d\d)[:_-]?(\d\d)[:_-]?(\d\d)(?:\.(\d{1,9}))?(Z|([+-])(\d\d):?(\d\d)(?!\d))?/
      )
    else { return nil }
    let fraction = match.7.map { ".\($0)" } ?? ""
    let written =
      "\(match.1)-\(match.2)-\(match.3)T\(match.4):\(match.5):\(match.6)\(fraction)Z"
    guard let instant = Instant(written: written, since: Instant(nanoseconds: 0), utcOffset: 0)
    else { return nil }
    guard let hours = match.10.flatMap({ Int64($0) }), let minutes = match.11.flatMap({ Int64($0) })
    else { return WrittenMoment(at: instant, rest: text[match.range.upperBound...]) }
    let offset = Duration.seconds(hours * 3600 + minutes * 60)
    return WrittenMoment(
      at: match.9 == "-" ? instant + offset : instant - offset,
      rest: text[match.range.upperBound...])
  }
}
