"""`recipec completion`."""

from __future__ import annotations

import click

from recipe_compiler.cli.options import format_option, print_json

BASH = r"""_recipec_completion() {
    local IFS=$'\n' type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            path) compopt -o filenames; COMPREPLY+=("${value%/}") ;;
            plain) [[ $value == *= ]] && compopt -o nospace; COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _RECIPEC_COMPLETE=bash_complete "$1")
}
complete -o nosort -F _recipec_completion recipec
"""
ZSH = r"""#compdef recipec
_recipec_completion() {
    local -a words_ described open lines
    local type key descr
    lines=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) _RECIPEC_COMPLETE=zsh_complete recipec)}")
    for type key descr in "${lines[@]}"; do
        if [[ -z $type ]]; then continue
        elif [[ $key == *[=/] ]]; then open+=("$key")
        elif [[ $descr == _ ]]; then words_+=("$key")
        else described+=("$key:$descr")
        fi
    done
    (( $#described )) && _describe -V recipec described -U
    (( $#words_ )) && compadd -U -V recipec -a words_
    (( $#open )) && compadd -U -S '' -V recipec -a open
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _recipec_completion "$@"
else
    compdef _recipec_completion recipec
fi
"""
FISH = r"""function _recipec_completion
    set -l lines (COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) _RECIPEC_COMPLETE=fish_complete recipec)
    for line in $lines
        string replace --regex '^[^,]*,' '' -- $line
    end
end
complete --no-files --command recipec --arguments "(_recipec_completion)"
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@click.command(name="completion")
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
@format_option
def command(shell: str, format_: str) -> None:
    """Print the script that makes a shell complete commands, recipes, clusters, routes and codes.

    \b
    Examples:
      recipec completion bash    # in ~/.bashrc: eval "$(recipec completion bash)"
      recipec completion zsh     # in ~/.zshrc, after compinit: eval "$(recipec completion zsh)"
      recipec completion fish    # in ~/.config/fish/config.fish: recipec completion fish | source
    """
    if format_ == "json":
        print_json({"format_version": "1.0", "shell": shell, "script": SCRIPTS[shell]})
    else:
        click.echo(SCRIPTS[shell], nl=False)
