/** Completion for shells: every verb and flag is written into the script, so that completing costs no process. */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];
export type Words = { path: readonly string[]; summary: string; flags: readonly string[] };

export function completionScript(shell: Shell, words: readonly Words[]): string {
  return { bash, zsh, fish }[shell](words);
}

const key = ({ path }: Words) => path.join(' ');
const quote = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** What may follow a path: its verbs, or its flags. */
function following(words: readonly Words[], of: Words | null): string[] {
  const depth = of ? of.path.length : 0;
  const below = words.filter(({ path }) => path.length === depth + 1 && (of?.path ?? []).every((word, place) => path[place] === word));
  return [...below.map(({ path }) => path.at(-1)!), ...(of?.flags ?? ['--help', '--version'])];
}

function bash(words: readonly Words[]): string {
  const cases = words.map((one) => `    ${quote(key(one))}) words=${quote(following(words, one).join(' '))} ;;`);
  return `_bine() {
  local current=\${COMP_WORDS[COMP_CWORD]} path= word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case $path in
    '') words=${quote(following(words, null).join(' '))} ;;
${cases.join('\n')}
    *' '*) path=\${path% *}; continue ;;
    *) path=; continue ;;
    esac
    break
  done
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -o filenames -F _bine bine ./bine`;
}

/** zsh runs bash's completion. */
function zsh(words: readonly Words[]): string {
  return `autoload -Uz compinit bashcompinit && compinit && bashcompinit\n${bash(words)}`;
}

function fish(words: readonly Words[]): string {
  const lines = words.flatMap((one) => {
    const seen = (path: readonly string[]) => path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    const when = one.path.length > 1 ? seen(one.path.slice(0, -1)) : '__fish_use_subcommand';
    const offered = `complete -c bine -n ${quote(when)} -f -a ${one.path.at(-1)} -d ${quote(one.summary)}`;
    const inside = seen(one.path);
    return [offered, ...one.flags.map((flag) => `complete -c bine -n ${quote(inside)} -l ${flag.slice(2)}`)];
  });
  return lines.join('\n');
}
