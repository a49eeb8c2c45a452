/// Where the program keeps what it writes for its user, after the XDG Base Directory Specification.
package enum StateFolder {
  /// `$XDG_STATE_HOME/sluice`, or the same below `~/.local/state`; nil when neither is an absolute
  /// path.
  package static func path(_ environment: (String) -> String?) -> String? {
    if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
      return "\(state)/sluice"
    }
    guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
    return "\(home)/.local/state/sluice"
  }
}
