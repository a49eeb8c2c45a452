/// The themes that a screen can be shown in, and the one that it is shown in.
@MainActor
package protocol ThemeSource: AnyObject {
  /// What can be chosen by name.
  var names: [String] { get }
  /// The theme depends on the terminal's background, which nobody has told yet.
  var wantsBackground: Bool { get }

  /// Chooses a theme by name or path; where it cannot be read the one before stays.
  func choose(_ name: String) throws(ThemeError) -> StyleSheet

  /// Takes what the terminal says of its background; nil where that changes nothing.
  func adopt(backgroundIsDark: Bool) throws(ThemeError) -> StyleSheet?

  /// The theme anew when a file of it was saved since; nil when none was.
  ///
  /// One that cannot be read is an error once, and the theme before stays.
  func reread() throws(ThemeError) -> StyleSheet?
}
