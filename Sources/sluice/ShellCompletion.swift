internal import ArgumentParser

/// The completion script of a shell.
///
/// The library knows no default command: behind `sluice` alone it completes the names of commands and
/// nothing else. What is added here completes whatever names no command as `sluice watch` would, and
/// the names behind `sluice help`.
struct ShellCompletion {
  let shell: CompletionShell

  private static let standard = WatchCommand.configuration.commandName ?? ""

  /// The words that may follow `sluice`.
  private static var commands: [String] { names(below: Sluice.self) + ["help"] }

  private static func names(below command: any ParsableCommand.Type) -> [String] {
    command.configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  /// What may follow `sluice help`, and each command that has some of its own.
  private static var helped: [(path: String, names: [String])] {
    [("", names(below: Sluice.self))]
      + Sluice.configuration.subcommands.compactMap { command in
        let names = names(below: command)
        guard !names.isEmpty, let name = command.configuration.commandName else { return nil }
        return (name, names)
      }
  }

  var script: String {
    let script = Sluice.completionScript(for: shell)
    return switch shell {
    case .bash:
      script.replacing(/(?m)^complete (.*) -F _sluice sluice$/) {
        "\(bash)\n\ncomplete \($0.output.1) -F __sluice sluice"
      }
    case .zsh:
      script.replacing(/(?s)if \[\[ "\$\{funcstack\[1\]\}" = _sluice \]\]; then\n.*$/) { _ in zsh }
    default:
      // A flag before it does not make a second word the name of a command.
      script.replacing(
        #"'__sluice_should_offer_completions_for_positional "sluice" -eq 1'"#,
        with: "'test (count (__sluice_tokens -pc)) -eq 1'") + "\n\(fish)"
    }
  }

  private func helpCases(_ form: (_ path: String, _ names: String) -> String) -> String {
    Self.helped.map { form($0.path, $0.names.joined(separator: " ")) }.joined(separator: "\n")
  }

  private var bash: String {
    """
    # What names no command is for \(Self.standard), and before there is a word both are offered.
    __sluice() {
        local commands=' \(Self.commands.joined(separator: " ")) '
        local first="${COMP_WORDS[1]}"
        if [[ "${COMP_CWORD}" -gt 1 && "${first}" = help ]]; then
            case "${COMP_WORDS[*]:2:$((COMP_CWORD - 2))}" in
    \(helpCases { "        '\($0)') COMPREPLY=($(compgen -W '\($1)' -- \"${2}\")) ;;" })
            esac
            return
        fi
        if [[ "${COMP_CWORD}" -eq 1 ]]; then
            _sluice "${@}"
        elif [[ "${commands}" = *" ${first} "* ]]; then
            _sluice "${@}"
            return
        fi
        local -a COMP_WORDS=("${COMP_WORDS[0]}" \(Self.standard) "${COMP_WORDS[@]:1}")
        local -i COMP_CWORD=$((COMP_CWORD + 1)) COMP_POINT=$((COMP_POINT + \(Self.standard.count + 1)))
        local COMP_LINE="${COMP_LINE/#"${COMP_WORDS[0]}"/"${COMP_WORDS[0]} \(Self.standard)"}"
        _sluice "${@}"
    }
    """
  }

  private var zsh: String {
    """
    # What names no command is for \(Self.standard), and before there is a word both are offered.
    __sluice() {
        local -ar commands=(\(Self.commands.joined(separator: " ")))
        if (( CURRENT > 2 )) && [[ "${words[2]}" = help ]]; then
            case "${(j: :)words[3,CURRENT-1]}" in
    \(helpCases { "        '\($0)') compadd -- \($1) ;;" })
            esac
            return
        fi
        local -i ret=1
        if (( CURRENT == 2 )); then
            _sluice "${@}" && ret=0
        elif (( ${commands[(Ie)${words[2]}]} )); then
            _sluice "${@}"
            return
        fi
        words=("${words[1]}" \(Self.standard) "${(@)words[2,-1]}")
        (( CURRENT += 1 ))
        _sluice "${@}" && ret=0
        return "${ret}"
    }

    if [[ "${funcstack[1]}" = _sluice ]]; then
        __sluice "${@}"
    else
        compdef __sluice sluice
    fi
    """
  }

  private var fish: String {
    """
    # What names no command is for \(Self.standard), and before there is a word both are offered.
    function __sluice_names_no_command
        set -l tokens (__sluice_tokens -pc)
        test (count $tokens) -lt 2; or not contains -- $tokens[2] \(Self.commands.joined(separator: " "))
    end

    function __sluice_complete_default
        complete -C (string replace -r '^\\s*\\S+' 'sluice \(Self.standard)' -- (commandline -cp))
    end

    function __sluice_helps
        set -l tokens (__sluice_tokens -pc)
        test "$tokens[2]" = help; and test "$tokens[3..]" = "$argv"
    end

    complete -c 'sluice' -n '__sluice_names_no_command' -fka '(__sluice_complete_default)'
    \(helpCases { "complete -c 'sluice' -n '__sluice_helps \($0)' -fa '\($1)'" })
    """
  }
}
