/**
 * The version of this package.
 *
 * @example
 * ```ts
 * import { version } from 'tekton-bundles';
 *
 * console.log(/^\d+\.\d+\.\d+/.test(version)); // true
 * ```
 */
export const version = '0.1.0';

/** Where the project is at GitHub. Everything that names it agrees: `npm run set-release` writes it everywhere. */
export const repository = 'acme/bundles';

/** Where defects are reported. */
export const issuesUrl = `https://github.com/${repository}/issues`;

/** The documents of this version, as the package ships them. */
const documents = `https://unpkg.com/tekton-bundles@${version}/docs`;

/** The address of a document, for hints: `documentUrl('reference/errors/content', 'tag_differs')`. */
export function documentUrl(page: string, anchor?: string): string {
  return `${documents}/${page}.md${anchor === undefined ? '' : `#${anchor}`}`;
}
