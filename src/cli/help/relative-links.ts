import { posix } from 'node:path';

/** Markdown whose links are relative to docs/, as a page in a directory below it has them. */
export function relativeLinks(markdown: string, directory: string): string {
  return markdown.replace(/\]\((?![a-z]+:|#)([^)\s]+)\)/g, (_, target: string) => {
    const [page = '', anchor] = target.split('#');
    const path = posix.relative(directory, page);
    return `](${path}${anchor === undefined ? '' : `#${anchor}`})`;
  });
}
