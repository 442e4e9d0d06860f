/** The characters of Go's `unicode.IsSpace`, for use in a character class; unlike `\s`, without the BOM. */
export const goSpace = '\\t\\n\\v\\f\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
