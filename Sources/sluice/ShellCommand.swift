internal import Settings

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A command that is run by `/bin/sh -c`, in a process group of its own so that it can be ended with
/// its children, with nothing of the terminal and with no secret of this program's.
struct ShellCommand {
  private let command: String
  /// What its environment has besides this program's, as `NAME=VALUE`; variables of ours that hold
  /// secrets are not among these.
  private let variables: [String]

  init(_ command: String, with variables: [String] = []) {
    self.command = command
    self.variables = variables
  }

  /// Starts it; returns its process and group, or nil where that is not possible.
  ///
  /// `input`, `output`, `errors`: what it reads and writes, open files; nil for nothing.
  func start(input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil) -> pid_t? {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (stream, file) in [(Int32(0), input), (1, output), (2, errors)] {
      if let file {
        posix_spawn_file_actions_adddup2(&actions, file, stream)
      } else {
        posix_spawn_file_actions_addopen(
          &actions, stream, "/dev/null", stream == 0 ? O_RDONLY : O_WRONLY, 0)
      }
    }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The dashboard ignores and blocks signals, which its children must not.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    let words =
      ["/usr/bin/env"] + Setting.secretVariables.flatMap { ["-u", $0] } + variables
      + ["/bin/sh", "-c", command]
    let arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let failed = posix_spawn(&child, "/usr/bin/env", &actions, &attributes, arguments, environ)
    return failed == 0 ? child : nil
  }
}
