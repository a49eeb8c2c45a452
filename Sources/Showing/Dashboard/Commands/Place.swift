/// A kind of layer, whatever it shows: where a command does something.
enum Place: String, CaseIterable, Sendable {
  case fleet = "the fleet"
  case shard = "a shard"
  case failover = "a failover"
  case failovers = "the list of failovers"
  case events = "events"
  case comparison = "a comparison"
  case filter = "a filter"
  case help = "the help"
  case permission = "the question for permission"
  case form = "a form"
  case reparent = "the form of a reparent"
  case rules = "the list of throttled apps"
  /// What will be done, in words.
  case review = "what will be sent"
  case progress = "an action"
  case breakOff = "the question whether to break off"
  case leave = "the question whether to leave"
  case notice = "a notice"

  static let screens: Set<Place> = [
    .fleet, .shard, .failover, .failovers, .events, .comparison,
  ]
  static let everywhere = Set(allCases)
  /// Where something is typed, at least in some of the fields.
  static let typing: Set<Place> = [.filter, .help, .permission, .form, .reparent]
}
