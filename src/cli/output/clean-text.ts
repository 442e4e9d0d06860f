/**
 * One line of text that may hold anything, fit for a terminal and the log of a CI job: a line break inside it is a space,
 * and every other control, direction or invisible character is shown as U+FFFD.
 */
export function cleanControls(text: string): string {
  if (!suspect.test(text)) return text;
  return text.replace(lineBreaks, ' ').replace(controls, '\ufffd');
}

/** The same text with what a CI runner would take for a command broken by a space. `atStart`: it begins a line. */
export function breakCommands(text: string, { atStart }: { readonly atStart: boolean }): string {
  const safe = text.includes('##') ? text.replace(commandAnywhere, '# #') : text;
  return atStart && safe.includes('::') ? safe.replace(commandAtStart, '$1: ') : safe;
}

/** A JSON text with what `cleanControls` and `breakCommands` take out of text escaped, so that its value stays the same. */
export function escapeInJson(json: string): string {
  if (!suspect.test(json) && !json.includes('##')) return json;
  return json.replace(controls, escaped).replace(commandAnywhere, '\\u0023#');
}

/** Whether YAML has to be rewritten with escapes. */
export function isUnsafeYaml(yaml: string): boolean {
  if (!suspect.test(yaml) && !yaml.includes('##') && !yaml.includes('::')) return false;
  return yaml.search(controls) >= 0 || yaml.search(commandAnywhere) >= 0 || /^[^\S\n]*::/m.test(yaml);
}

/** Each code unit as `\uXXXX`, which JSON and double-quoted YAML read alike; a code point beyond has two. */
export function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}

/** GitHub and Azure obey `##[name]` and `##vso[name]` anywhere, TeamCity `##teamcity[`. */
const commandAnywhere = /##(?=\w*\[)/g;

/** GitHub obeys `::name::` at the start of a line, behind blanks of any kind too. */
const commandAtStart = /^(\s*):(?=:)/;

const lineBreaks = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;

/**
 * C0 without the tab, DEL and C1; soft hyphen, joiners and fillers of no width, direction marks, invisible operators,
 * annotation anchors and noncharacters; the tag characters and variation selectors beyond the first plane; lone halves of a pair. Line feeds
 * are left to those who know where a line ends.
 */
const controls =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff]|\u034f|[\ud800-\udfff]|[\u{e0000}-\u{e0fff}]/gu;

/** A quick look: whether there is anything to replace; astral characters are looked at closely. */
const suspect =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff]|\u034f/;
