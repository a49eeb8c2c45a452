import Foundation
import Settings
import Testing

/// Help, manual pages and completions, each of what the program says of itself.
@Suite(.timeLimit(.minutes(3))) struct HelpTests {
  private static func commands(
    _ command: CommandTree, _ path: [String] = []
  ) -> [(path: [String], command: CommandTree)] {
    guard command.isListed, command.name != "help" else { return [] }
    return [(path, command)]
      + command.subcommands.flatMap { commands($0, path + [$0.name]) }
  }

  /// Nothing is cut off in a terminal of the usual width.
  @Test func helpFitsIntoEightyColumns() throws {
    let commands = Self.commands(try Program.tree())
    #expect(commands.count > 20)
    let names = commands.map { $0.path.joined(separator: " ") }
    let all = try ProgramRun.long(
      "--help; for c in \(names.map { "'\($0)'" }.joined(separator: " ")); "
        + "do echo \"== $c\"; \(sluice) $c --help || exit 1; done")
    for line in all.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    for name in names where !name.isEmpty { #expect(all.contains("== \(name)\nOVERVIEW: ")) }
    for group in ["WATCH", "RECORD AND LOOK BACK", "ACT", "REHEARSE", "SET UP"] {
      #expect(all.contains("\n\(group) SUBCOMMANDS:\n"))
    }
  }

  @Test func everyCommandAndOptionSaysWhatItIs() throws {
    for (path, command) in Self.commands(try Program.tree()) {
      #expect(command.abstract.hasSuffix("."), "\(path): \(command.abstract)")
      let names = Set(command.options.compactMap(\.longName))
      for option in command.options where option.isListed {
        // A file that a folder's or a recording's name explains may go without.
        #expect(
          !option.meaning.isEmpty
            || option.longName.map { names.contains(String($0.dropFirst(3))) } == true,
          "\(path) \(option.names)")
      }
    }
  }

  /// What help gives as an example names commands and options that there are.
  @Test func examplesAreOfThisProgram() throws {
    let program = try Program.tree()
    var count = 0
    for (path, command) in Self.commands(program) {
      for line in command.discussion.split(separator: "\n") where line.hasPrefix("  sluice ") {
        count += 1
        // What is behind the command is for the shell or the reader.
        let words = line.split(separator: /[>|]|  +/).first?.split(separator: " ").map(String.init)
        var meant = program
        for word in (words ?? []).dropFirst() {
          guard let next = meant.command([word]) else { break }
          meant = next
        }
        if meant == program { meant = try #require(program.command(["watch"])) }
        let known = Set(meant.options.flatMap(\.names))
        for word in words ?? [] where word.hasPrefix("--") {
          #expect(known.contains(word), "\(path): \(line)")
        }
      }
    }
    #expect(count > 25)
  }

  /// Scripts go by what a command ends with.
  @Test func whatAStatusMeansIsSaid() throws {
    let program = try Program.tree()
    for path in [
      "check", "snapshot", "record", "report", "replay", "what-if", "discover", "lab verify",
      "cutover", "reparent", "throttle", "unthrottle", "lab do", "themes check", "config check",
    ] {
      let command = try #require(program.command(path.split(separator: " ").map(String.init)))
      #expect(command.discussion.contains(/exit status (is|of)|Exits with/), "\(path)")
    }
  }

  // MARK: Manual pages

  @Test func everyCommandHasAPageWithAllItsOptions() throws {
    let program = try Program.tree()
    let settings = try Program.settings()
    let manual = Manual(of: program, settings: settings, shared: ["Screen"], version: "0.1.0")
    let commands = Self.commands(program)
    #expect(
      Set(manual.pages.map(\.file))
        == Set(commands.map { (["sluice"] + $0.path).joined(separator: "-") + ".1" }))
    for (path, command) in commands {
      let text = try #require(manual.page(path)?.text)
      for option in command.options where option.isListed && option.longName != "version" {
        guard let name = option.longName else { continue }
        let escaped = "--\(name)".replacing("-", with: "\\-")
        #expect(text.contains("\\fB\(escaped)\\fR"), "\(path) \(name)")
      }
      for line in text.split(separator: "\n") where line.hasPrefix(".") {
        #expect(line.contains(/^\.(TH|SH|SS|TP|PP|B|I|EX|EE)( |$)/), "\(path): \(line)")
      }
    }
    let check = try #require(manual.page(["check"])?.text)
    #expect(check.contains("\\fBSLUICE_INTERVAL\\fR"))
    #expect(check.contains(".I $XDG_CONFIG_HOME/sluice/config.toml"))
    let lab = try #require(manual.page(["lab"])?.text)
    #expect(!lab.contains("ENVIRONMENT"))
    let demo = try #require(manual.page(["demo"])?.text)
    #expect(demo.contains("\\fBSLUICE_MASK\\fR"))
    #expect(!demo.contains("SLUICE_INTERVAL"))
    #expect(manual.page(["no-such"]) == nil)
  }

  @Test func pagesAreWritten() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    #expect(try ProgramRun("man --into \(folder.path)").status == 0)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.count == Self.commands(try Program.tree()).count)
    let page = try String(contentsOfFile: "\(folder.path)/sluice-lab-do.1", encoding: .utf8)
    #expect(try ProgramRun.long("man lab do") == page)
    #expect(page.contains(".EX\n  sluice lab do start\n"))
    let unknown = try ProgramRun("man nosuch")
    #expect(unknown.errors.contains("there is no command nosuch"))
    #expect(try ProgramRun("man --into /dev/null").errors.contains("cannot write /dev/null/"))
  }

  // MARK: Completions

  @Test(arguments: ["bash", "zsh", "fish"]) func aShellCompletes(_ shell: String) throws {
    let script = try ProgramRun.long("completions \(shell)")
    for word in ["snapshot", "max-requests-per-server", "on-request", "completions"] {
      #expect(script.contains(word), "\(word)")
    }
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try script.write(toFile: "\(folder.path)/s", atomically: true, encoding: .utf8)
    let check = try ProgramRun(
      "--version > /dev/null; command -v \(shell) > /dev/null || exit 0; \(shell) -n \(folder.path)/s"
    )
    #expect(check.status == 0, "\(check)")
    #expect(try ProgramRun("completions tcsh").errors.contains("bash, zsh and fish"))
  }

  /// What the documentation writes without `watch`: clusters, flags and their values; and `help`.
  @Test(arguments: [
    ("", ["check", "prod", "eu"], []), ("pr", ["prod", "proxy"], ["eu"]),
    ("--cl", ["--cluster"], ["check"]), ("--cluster ", ["prod", "eu"], ["check"]),
    ("--vtgate a:1 --the", ["--theme"], []), ("--theme ", ["harbor", "auto"], ["check"]),
    ("eu pr", ["prod"], ["proxy"]), ("help ", ["check", "lab"], ["prod", "help"]),
    ("help lab ", ["do", "status"], ["check"]), ("check --cluster e", ["eu"], ["prod"]),
    ("lab do st", ["start", "start-clients"], ["sql-thread"]),
  ]) func bashCompletesWithoutACommand(
    _ line: String, _ offered: [String], _ others: [String]
  ) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("[clusters.prod]\n[clusters.eu]\nx = 1\n", to: "sluice/config.toml")
    try ProgramRun.long("completions bash").write(
      toFile: "\(folder.path)/s", atomically: true, encoding: .utf8)
    // As readline splits it, the last word being the one that is completed.
    try """
    source \(folder.path)/s
    COMP_LINE="$1" COMP_POINT=${#1}
    read -ra COMP_WORDS <<< "$1"
    [[ "$1" = *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    $(complete -p sluice | sed 's/.* -F \\([^ ]*\\) .*/\\1/') \
      sluice "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\\n' "${COMPREPLY[@]}"

    """.write(toFile: "\(folder.path)/t", atomically: true, encoding: .utf8)
    let run = try ProgramRun(
      "--version > /dev/null; command -v bash > /dev/null || exit 0; "
        + "bash \(folder.path)/t '\(sluice) \(line)'",
      ["XDG_CONFIG_HOME": folder.path])
    let words = Set(run.output.split(separator: "\n").map(String.init))
    #expect(words.isSuperset(of: offered), "\(run)")
    #expect(words.isDisjoint(with: others), "\(run)")
    #expect(run.errors == "", "\(run)")
  }

  @Test func clustersAreCompleted() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("[clusters.prod]\n[clusters.eu]\nx = 1\n", to: "sluice/config.toml")
    let run = try ProgramRun(
      "---completion watch -- --cluster 1 0 sluice --cluster", ["XDG_CONFIG_HOME": folder.path])
    #expect(run.output == "eu\nprod\n")
    #expect(run.status == 0)
  }

  @Test func themesAreCompleted() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("inherits = \"harbor\"\n", to: "sluice/themes/mine.toml")
    let run = try ProgramRun(
      "---completion watch -- --theme 1 0 sluice --theme", ["XDG_CONFIG_HOME": folder.path])
    let names = run.output.split(separator: "\n").map(String.init)
    #expect(Set(names).isSuperset(of: ["auto", "default", "harbor", "mine"]), "\(run)")
  }

  /// The tests are built without the Makefile.
  @Test func theVersionSaysReleaseAndBuild() throws {
    let version = try ProgramRun("--version").output
    #expect(version.contains(/^\d+\.\d+\.\d+ \(.+\)\n$/), "\(version)")
  }
}
