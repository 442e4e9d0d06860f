/** Line breaks of YAML 1.1: LF, CR, NEL, LINE SEPARATOR, PARAGRAPH SEPARATOR. */
export function isBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** A space or a tab. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** A blank, a break or the end of the text (NUL: the reader lets no NUL of the text through). */
export function isBlankOrEnd(code: number): boolean {
  return code === 32 || code === 10 || code === 0 || code === 9 || isBreak(code);
}

export function isBreakOrEnd(code: number): boolean {
  return code === 10 || code === 0 || isBreak(code);
}

/** What names of anchors, tag handles and directives are made of. */
export function isWordCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45
  );
}
