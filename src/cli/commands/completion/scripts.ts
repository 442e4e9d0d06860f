/** A script for each shell; all ask `completion --propose` what the word under the cursor may become. */
export const completionScripts = {
  bash: `# bash completion of bundles and tekton-bundles
_bundles() {
  local line cur prefix candidate
  local -a typed
  line=\${COMP_LINE:0:COMP_POINT}
  read -ra typed <<<"$line"
  [[ $line == *[[:space:]] ]] && typed+=("")
  cur=\${typed[\${#typed[@]} - 1]}
  # bash splits words at = and :, and replaces only what is behind them.
  prefix=\${cur%"\${cur##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files | :directories)
        compopt -o filenames 2>/dev/null
        while IFS= read -r candidate; do
          COMPREPLY+=("$candidate")
        done < <(compgen "$([[ $line == :files ]] && echo -f || echo -d)" -- "\${cur#"$prefix"}")
        ;;
      :*) ;;
      *)
        candidate=\${line%%$'\\t'*}
        COMPREPLY+=("\${candidate#"$prefix"}")
        ;;
    esac
  done < <("\${COMP_WORDS[0]}" completion --propose -- "\${typed[@]:1}" 2>/dev/null)
}
complete -F _bundles bundles tekton-bundles
`,
  zsh: `#compdef bundles tekton-bundles
_bundles() {
  local line rest
  local -a candidates
  for line in "\${(@f)$("\${words[1]}" completion --propose -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      (:*) rest=$line ;;
      (*) candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( $#candidates )) && _describe -V 'bundles' candidates
  case $rest in
    (:files) _files ;;
    (:directories) _files -/ ;;
  esac
}
if [ "$funcstack[1]" = _bundles ]; then
  _bundles "$@"
else
  compdef _bundles bundles tekton-bundles
fi
`,
  fish: `# fish completion of bundles and tekton-bundles
function __bundles_complete
  set -l typed (commandline -opc)
  set -l current (commandline -ct)
  set -l program $typed[1]
  for line in ($program completion --propose -- $typed[2..-1] "$current" 2>/dev/null)
    switch $line
      case ':files'
        __fish_complete_path "$current"
      case ':directories'
        __fish_complete_directories "$current"
      case ':*'
      case '*'
        echo $line
    end
  end
end
complete -c bundles -f -a '(__bundles_complete)'
complete -c tekton-bundles -f -a '(__bundles_complete)'
`,
  powershell: `# PowerShell completion of bundles and tekton-bundles
Register-ArgumentCompleter -Native -CommandName bundles, tekton-bundles -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $typed = @($commandAst.CommandElements | ForEach-Object { $_.ToString() })
  $program = $typed[0]
  $before = @($typed | Select-Object -Skip 1)
  if ($wordToComplete -eq '') { $before += '""' }
  & $program completion --propose -- @before 2>$null | Where-Object { -not $_.StartsWith(':') } | ForEach-Object {
    $text, $means = $_ -split "\`t", 2
    if (-not $means) { $means = $text }
    [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $means)
  }
}
`,
} as const;

export type Shell = keyof typeof completionScripts;
