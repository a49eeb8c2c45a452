/// The headings under which help and documents list settings.
///
/// What stands under one is a setting (`Setting`): the environment and the configuration file can set
/// it, too. Whatever a single call is about stands under none.
enum OptionSection {
  static let configuration = "Configuration"
  static let fleet = "Fleet"
  static let discovery = "Discovery"
  static let http = "How servers are reached over HTTP"
  static let vtctld = "Vtctld and actions"
  static let screen = "Screen"
  static let attention = "Attention"
  static let look = "A single look"
  static let recording = "Recording"
  static let alerts = "Alerts"

  /// What counts for commands, too, that watch no cluster.
  static let shared: Set = [screen, http, alerts]
}
