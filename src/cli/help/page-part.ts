/**
 * A page with another text in the part between `<!-- NAME: written by npm run reference -->` and `<!-- end -->`.
 * @throws Error where the page does not have this part, or has it twice
 */
export function withPart(page: string, name: string, text: string): string {
  const head = `<!-- ${name}: written by npm run reference -->\n`;
  const [before, inside, ...more] = page.split(head);
  const end = inside?.indexOf('<!-- end -->') ?? -1;
  if (inside === undefined || more.length > 0 || end < 0)
    throw new Error(`The page has no part for ${name}, or more than one`);
  return `${before}${head}\n${text}\n\n${inside.slice(end)}`;
}
