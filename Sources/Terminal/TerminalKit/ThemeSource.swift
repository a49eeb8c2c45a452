/// The themes that a screen can be shown in, and the current one.
@MainActor
package protocol ThemeSource: AnyObject {
  /// The names that can be chosen.
  var names: [String] { get }
  /// The theme depends on the terminal's background, which is not known yet.
  var wantsBackground: Bool { get }

  /// Chooses a theme by name or path; if it cannot be read, the previous one stays.
  func choose(_ name: String) throws(ThemeError) -> StyleSheet

  /// Takes what the terminal reports about its background; nil when that changes nothing.
  func adopt(backgroundIsDark: Bool) throws(ThemeError) -> StyleSheet?

  /// The theme read again if one of its files was saved since; nil when none was.
  ///
  /// One that cannot be read is an error once, and the previous theme stays.
  func reread() throws(ThemeError) -> StyleSheet?
}
