/// Why a theme cannot be used, in words for the person who wrote it or asked for it.
package struct ThemeError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
