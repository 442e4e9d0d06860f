/** Begins with a letter and has nothing that any YAML reader could take for syntax. */
const plainText =
  /^[A-Za-z][A-Za-z0-9_./@+-]*(?:(?: |:(?=[A-Za-z0-9_/@.+-]))[A-Za-z0-9_./@+(-][A-Za-z0-9_./@+)-]*)*$/;

/** Words that YAML 1.1 readers take for booleans, null or numbers. */
const reservedWord = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity|e[+-]?[0-9_]+)$/i;

/**
 * Text as a YAML scalar that YAML 1.1, YAML 1.2 and Go's readers all read as the same text: plain where that is
 * beyond doubt, otherwise in double quotes.
 */
export function yamlText(text: string): string {
  return text.length <= 500 && plainText.test(text) && !reservedWord.test(text) ? text : quotedYamlText(text);
}

/** Text in double quotes; half characters become U+FFFD, since no UTF-8 file can hold them. */
export function quotedYamlText(text: string): string {
  const whole = text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
  return JSON.stringify(whole).replaceAll(
    /[\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
