/**
 * Puts in variables as a Containerfile means them: `$A`, `${A}`, `${A:-default}`, `${A:+other}`. Without a value and
 * without a default the first such name comes back as `missing`.
 */
export function expandVariables(
  text: string,
  variables: Readonly<Record<string, string>>,
): { readonly value: string; readonly missing: string | undefined } {
  let missing: string | undefined;
  const value = text.replace(
    /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?([-+])([^}]*))?\})/g,
    (_, plain: string | undefined, braced: string | undefined, sign?: string, word = '') => {
      const name = plain ?? braced ?? '';
      const known = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (sign === '+') return known ? word : '';
      if (sign === '-') return known ? known : word;
      if (known === undefined) missing ??= name;
      return known ?? '';
    },
  );
  return { value, missing };
}
