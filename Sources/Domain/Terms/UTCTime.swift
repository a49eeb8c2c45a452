/// An instant's date and time of day in UTC, by the Gregorian calendar.
package struct UTCTime: Sendable {
  package let year, month, day: Int64
  /// 0 is Sunday.
  package let weekday: Int64
  /// Since the second began.
  package let nanosecond: Int64
  private let secondOfDay: Int64

  package init(_ instant: Instant) {
    let seconds = instant.nanoseconds.floorDivided(by: 1_000_000_000)
    let days = seconds.floorDivided(by: 86_400)
    nanosecond = instant.nanoseconds.floorModulo(1_000_000_000)
    secondOfDay = seconds.floorModulo(86_400)
    // 1970-01-01 was a Thursday.
    weekday = (days + 4).floorModulo(7)
    (year, month, day) = Self.date(days)
  }

  /// As `2026-11-26`.
  package var date: String { "\(year)-\(month.twoDigits)-\(day.twoDigits)" }

  /// As `14:03:22`.
  package var time: String {
    [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map(\.twoDigits)
      .joined(separator: ":")
  }

  /// The date of a day counted from 1970-01-01, by the calendar's 400-year cycle.
  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }
}

extension Instant {
  /// RFC 3339 in UTC, rounded down to the millisecond: `2026-11-26T14:03:22.480Z`.
  package var rfc3339: String {
    let clock = UTCTime(self)
    let milliseconds = String(1000 + clock.nanosecond / 1_000_000).dropFirst()
    return "\(clock.date)T\(clock.time).\(milliseconds)Z"
  }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }

  fileprivate func floorModulo(_ divisor: Int64) -> Int64 {
    self - floorDivided(by: divisor) * divisor
  }
}
