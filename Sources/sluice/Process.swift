internal import TerminalKit

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Prints a line to standard error, with text from a server made safe.
func warn(_ line: String) {
  let bytes = Array("\(line.safe(limit: 4000))\n".utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}

/// Whether somebody is sitting at standard input.
var isAskable: Bool { isatty(STDIN_FILENO) == 1 }
