import { BundlesError } from '../errors.js';
import { showText } from '../yaml-file/show-text.js';
import type { Match } from './discover/find-matches.js';
import { literalPart, parsePattern, parseTemplate, placeholdersOf } from './discover/pattern.js';
import type { BundleSpec, Project } from './project.js';

/** A path that is to be renamed, so that `discover` finds the next tag; relative to the project's directory. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  /** What `discover` matches then. */
  readonly matches: readonly Match[];
}

/**
 * The rename that raises the tag of a bundle whose tag comes from its path.
 * @throws USAGE where a rename would change another bundle, or more than the tag
 */
export function planRename(
  { bundles }: Pick<Project, 'bundles'>,
  bundle: BundleSpec,
  { files, template, next }: { readonly files: string; readonly template: string; readonly next: string },
): Rename {
  const { discovered } = bundle;
  const tag = parseTemplate(template);
  const pattern = parsePattern(
    files
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/'),
    files.endsWith('/'),
  );
  if (discovered === undefined || 'wrong' in tag || 'wrong' in pattern)
    throw refused(bundle, 'its path is not known');
  const names = [...new Set(placeholdersOf(tag))];
  const [name] = names;
  const [before = '', after = ''] = template.split(`{${name}}`);
  if (name === undefined || names.length > 1 || template.split('{').length > 2)
    throw refused(bundle, `its tag is made of several parts of the path, ${showText(template)}`);
  if (!next.startsWith(before) || !next.endsWith(after))
    throw refused(bundle, `${showText(template)} cannot give ${next}`);
  const value = next.slice(before.length, next.length - after.length);
  const using = pattern.parts.flatMap((part, index) =>
    part.some((piece) => piece.kind === 'placeholder' && piece.name === name) ? [index] : [],
  );
  const [at] = using;
  const part = at === undefined ? undefined : pattern.parts[at];
  const renamed = part && literalPart(part, { ...discovered.values, [name]: value });
  if (at === undefined || using.length > 1 || renamed === undefined)
    throw refused(bundle, `more than one part of its path would change, ${showText(files)}`);
  const steps = discovered.path.split('/');
  const from = steps.slice(0, at + 1).join('/');
  const to = [...steps.slice(0, at), renamed].join('/');
  const isWithin = (path: string) => path === from || path.startsWith(`${from}/`);
  const other = bundles.find((one) => one.name !== bundle.name && one.files.some(isWithin));
  if (other !== undefined)
    throw refused(bundle, `${showText(from)} holds the bundle ${showText(other.name)}, too`);
  if (bundle.files.length !== 1 || bundle.files[0] !== discovered.path)
    throw refused(bundle, 'bundles.yaml gives it files of its own');
  const moved = {
    ...discovered,
    path: to + discovered.path.slice(from.length),
    values: { ...discovered.values, [name]: value },
  };
  return { from, to, matches: matchesOf(bundles).map((match) => (match === discovered ? moved : match)) };
}

/** What `discover` matched. */
export function matchesOf(bundles: readonly BundleSpec[]): readonly Match[] {
  return bundles.flatMap(({ discovered }) => discovered ?? []);
}

function refused({ name }: BundleSpec, reason: string): BundlesError {
  return new BundlesError('USAGE', `Cannot bump ${showText(name)} by renaming its path: ${reason}`, {
    hint: 'Rename the path by hand, or copy it to keep both versions',
  });
}
