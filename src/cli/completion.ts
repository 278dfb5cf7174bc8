import type { Command } from "commander";

/** The shells that completion can be written for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A place in the tree of commands, and the words that may follow there. */
interface Place {
  /** The words of the commands that lead here, `/` before each; empty at the top. */
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly says: string }[];
}

/** Writes the script that completes commands and options in a shell; it starts nothing when it is used. */
export function toCompletionScript(program: Command, shell: Shell): string {
  const places = listPlaces(program, "");
  switch (shell) {
    case "bash":
      return toBash(places);
    case "zsh":
      return `#compdef steward\nautoload -U +X bashcompinit && bashcompinit\n${toBash(places)}`;
    case "fish":
      return toFish(places);
  }
}

function listPlaces(command: Command, path: string): Place[] {
  const commands = command.commands.map((sub) => ({
    word: sub.name(),
    says: sub.description(),
  }));
  const options = command.options.flatMap(({ long, description }) =>
    long ? [{ word: long, says: description }] : [],
  );
  const help = { word: "--help", says: "display help" };
  return [
    { path, words: [...commands, ...options, help] },
    ...command.commands.flatMap((sub) => listPlaces(sub, `${path}/${sub.name()}`)),
  ];
}

/** What completes an option's value is the shell's own completion of files. */
function toBash(places: readonly Place[]): string {
  const paths = places.map(({ path }) => path).filter((path) => path !== "");
  const rows = places.map(
    ({ path, words }) =>
      `    ${path === "" ? '""' : path}) words="${words.map(({ word }) => word).join(" ")}" ;;`,
  );
  return `_steward() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path/$word" in
      ${paths.join("|")}) path="$path/$word" ;;
    esac
  done
  case "$path" in
${rows.join("\n")}
  esac
  COMPREPLY=( $(compgen -W "$words" -- "$cur") )
}
complete -o default -F _steward steward
`;
}

function toFish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) => {
    const at = `test (__steward_path) = '${path}'`;
    return words.map(({ word, says }) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c steward -n "${at}" ${what} -d ${toFishWord(says)}`;
    });
  });
  const paths = places.map(({ path }) => path).filter((path) => path !== "");
  return `function __steward_path
  set -l path ''
  for word in (commandline -opc)[2..-1]
    if contains -- "$path/$word" ${paths.join(" ")}
      set path "$path/$word"
    end
  end
  echo $path
end
${lines.join("\n")}
`;
}

function toFishWord(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
