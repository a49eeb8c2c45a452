extension Instant {
  /// Reads a time as people write it: `14:03`, `14:03:22.5`, `2026-11-27 14:03:22`,
  /// `2026-11-27T14:03:22.48Z`; nil for anything else.
  ///
  /// Without a date it is the first such time at or after `first`; without a `Z` the clock is
  /// `utcOffset` seconds ahead of UTC.
  package init?(written text: String, since first: Instant, utcOffset: Int) {
    guard
      let match = text.wholeMatch(
        of: /(?:(\d{4})-(\d\d)-(\d\d)[T ])?(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z?)/)
    else { return nil }
    func number(_ part: Substring?) -> Int64 { part.flatMap { Int64($0) } ?? 0 }
    let (hour, minute, second) = (number(match.4), number(match.5), number(match.6))
    guard hour < 24, minute < 60, second < 60 else { return nil }
    let offset = match.8.isEmpty ? Int64(utcOffset) : 0
    let fraction = match.7 ?? ""
    let nanoseconds = number(fraction + String(repeating: "0", count: 9 - fraction.count))
    let secondOfDay = hour * 3600 + minute * 60 + second - offset
    let day: Int64 = 86_400
    if match.1 != nil {
      let (year, month, date) = (number(match.1), number(match.2), number(match.3))
      // Beyond these years nanoseconds do not reach.
      guard (1970...2200).contains(year), (1...12).contains(month), (1...31).contains(date) else {
        return nil
      }
      let seconds = UTCTime.day(year, month, date) * day + secondOfDay
      self.init(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
      return
    }
    let midnight = first.nanoseconds / (day * 1_000_000_000) - 1
    var instant = Instant(
      nanoseconds: (midnight * day + secondOfDay) * 1_000_000_000 + nanoseconds)
    while instant < first { instant = instant + .seconds(day) }
    self = instant
  }
}

extension UTCTime {
  /// Days from 1970-01-01 to a date, by the calendar's cycle of 400 years.
  fileprivate static func day(_ year: Int64, _ month: Int64, _ date: Int64) -> Int64 {
    // The year begins in March, so that a leap day is its last.
    let year = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = (year / 400, year % 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + date - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
