import type { Arg, Dockerfile, From, Instruction } from 'dockerfile-ast';
import { BundlesError, isBundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import { parseReference, type Reference, referenceName } from '../../oci/reference.js';

/** An image of some other place that a build starts from or copies from. */
export interface Base {
  /** As the Containerfile writes it, its variables put in. */
  readonly written: string;
  readonly reference: Reference;
  /** Where it is in the text, as offsets. */
  readonly places: readonly { readonly start: number; readonly end: number }[];
}

export interface Containerfile {
  readonly text: string;
  /** In the order of their first mention. */
  readonly bases: readonly Base[];
  /** What no key can see: files that the build takes from the network. */
  readonly downloads: readonly string[];
  /** The stage that is built, as the text writes it; undefined: the last. */
  readonly target: string | undefined;
  /** Variables in `--from` and `from=` with what they stand for, which not every engine puts in there. */
  readonly expansions: readonly Edit[];
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

export interface ReadContainerfileOptions {
  /** For messages. */
  readonly path: string;
  readonly args: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
  /** The name or the number of the stage to build. Default: the last. */
  readonly target?: string | undefined;
}

/**
 * What a Containerfile takes from elsewhere, up to the stage that is built: the images of FROM, `COPY --from` and
 * `RUN --mount=from=`, without its own stages and `scratch`.
 *
 * @throws CONTAINERFILE_INVALID
 */
export async function readContainerfile(
  text: string,
  options: ReadContainerfileOptions,
): Promise<Containerfile> {
  const { DockerfileParser } = await import('dockerfile-ast');
  const file = DockerfileParser.parse(text);
  const froms = file.getFROMs();
  if (froms.length === 0) throw invalid(options.path, 'it has no FROM');
  const offsetOf = offsets(text);
  const variables = { ...platformVariables(options.platforms), ...globalArguments(file, options.args) };
  const target = findTarget(froms, options);
  const stages = new Set<string>();
  const bases = new Map<string, Base>();
  const expansions: Edit[] = [];
  const downloads: string[] = [];
  // Those of the stage: what was declared before the first FROM counts in it, too.
  let known = variables;
  let stage = -1;
  const add = (written: string, { start, end }: { readonly start: number; readonly end: number }) => {
    if (written === 'scratch' || stages.has(written.toLowerCase()) || /^\d{1,4}$/.test(written)) return;
    const reference = readReference(written, options.path);
    const places = bases.get(written)?.places ?? [];
    bases.set(written, { written, reference, places: [...places, { start, end }] });
  };
  for (const instruction of file.getInstructions()) {
    const from = froms.find((one) => one === instruction);
    if (from) {
      if (stage === target.index) break;
      stage++;
      known = variables;
      const image = from.getImage();
      if (image === null) throw invalid(options.path, `line ${line(instruction)}: FROM names no image`);
      const { value, missing } = expandVariables(image, variables);
      if (missing !== undefined) throw unknownVariable(options.path, { instruction, image, missing });
      const range = from.getImageRange();
      if (range) add(value, { start: offsetOf(range.start), end: offsetOf(range.end) });
      const name = from.getBuildStage();
      if (name !== null) stages.add(name.toLowerCase());
      continue;
    }
    if (stage >= 0 && instruction.getKeyword() === 'ARG')
      known = withArguments(known, instruction, options.args);
    for (const source of sourcesOf(instruction)) {
      const span = { start: offsetOf(source.place.start), end: offsetOf(source.place.end) };
      const { value, missing } = expandVariables(source.value, known);
      if (missing !== undefined)
        throw unknownVariable(options.path, { instruction, image: source.value, missing });
      if (value !== source.value) expansions.push({ ...span, by: value });
      add(value, span);
    }
    downloads.push(...downloadsOf(instruction));
  }
  return { text, bases: [...bases.values()], downloads, target: target.name, expansions };
}

/** Engines read no further than the stage that is built. */
function findTarget(
  froms: readonly From[],
  { target, path }: ReadContainerfileOptions,
): { readonly index: number; readonly name: string | undefined } {
  const last = froms.length - 1;
  if (target === undefined) return { index: last, name: undefined };
  const names = froms.map((from) => from.getBuildStage());
  const named = names.findIndex((name) => name?.toLowerCase() === target.toLowerCase());
  const index = named < 0 && /^\d{1,4}$/.test(target) ? Number(target) : named;
  if (index >= 0 && index <= last) return { index, name: names[index] ?? String(index) };
  const known = names.filter((name) => name !== null);
  throw new BundlesError(
    'CONTAINERFILE_INVALID',
    `Cannot build the stage ${JSON.stringify(target)} of ${JSON.stringify(path)}: it has no such stage`,
    {
      hint: known.length > 0 ? `It has ${known.join(', ')}` : 'Name a stage: FROM … AS NAME',
      details: { path, target, stages: known },
    },
  );
}

/** The text with every base named by its digest, so that the build takes exactly what the key was made of. */
export function pinBases(
  { text, bases, expansions }: Containerfile,
  digests: ReadonlyMap<string, Digest>,
): string {
  const edits = bases.flatMap(({ written, reference, places }) => {
    const digest = digests.get(written);
    return digest === undefined
      ? []
      : places.map((place) => ({ ...place, by: `${referenceName(reference)}@${digest}` }));
  });
  const pinnedAt = new Set(edits.map(({ start }) => start));
  edits.push(...expansions.filter(({ start }) => !pinnedAt.has(start)));
  let pinned = text;
  for (const { start, end, by } of edits.sort((left, right) => right.start - left.start))
    pinned = pinned.slice(0, start) + by + pinned.slice(end);
  return pinned;
}

interface Position {
  readonly line: number;
  readonly character: number;
}

interface Span {
  readonly start: Position;
  readonly end: Position;
}

interface Flagged {
  getFlags(): { getName(): string; getValue(): string | null; getValueRange(): Span | null }[];
}

/** `--from=IMAGE` of COPY, and the `from=` of a mount. */
function sourcesOf(instruction: Instruction): { value: string; place: Span }[] {
  if (!('getFlags' in instruction)) return [];
  return (instruction as Instruction & Flagged).getFlags().flatMap((flag) => {
    const value = flag.getValue();
    const range = flag.getValueRange();
    if (value === null || range === null) return [];
    if (flag.getName() === 'from') return [{ value, place: range }];
    const match = flag.getName() === 'mount' ? /(?:^|,)from=([^,]+)/.exec(value) : null;
    if (!match?.[1]) return [];
    const start = range.start.character + match.index + match[0].length - match[1].length;
    const at = (character: number) => ({ line: range.start.line, character });
    return [{ value: match[1], place: { start: at(start), end: at(start + match[1].length) } }];
  });
}

function globalArguments(file: Dockerfile, args: Readonly<Record<string, string>>): Record<string, string> {
  return file.getInitialARGs().reduce((known, argument) => withArguments(known, argument, args), {});
}

/** What is known after an ARG. */
function withArguments(
  known: Readonly<Record<string, string>>,
  argument: Instruction,
  args: Readonly<Record<string, string>>,
): Record<string, string> {
  const variables = { ...known };
  for (const property of (argument as Arg).getProperties()) {
    const name = property.getName();
    const given = Object.hasOwn(args, name) ? args[name] : undefined;
    const value = given ?? property.getValue() ?? undefined;
    if (value !== undefined) variables[name] = expandVariables(value, variables).value;
  }
  return variables;
}

/** Known for one platform only: for several, one base could be several. */
function platformVariables([only, ...more]: readonly string[]): Record<string, string> {
  if (only === undefined || more.length > 0) return {};
  const [os = '', architecture = '', variant = ''] = only.split('/');
  const known = (word: string) => ({
    [`${word}PLATFORM`]: only,
    [`${word}OS`]: os,
    [`${word}ARCH`]: architecture,
    [`${word}VARIANT`]: variant,
  });
  return { ...known('TARGET'), ...known('BUILD') };
}

function downloadsOf(instruction: Instruction): string[] {
  if (instruction.getKeyword() !== 'ADD') return [];
  return instruction
    .getArguments()
    .map((argument) => argument.getValue())
    .filter((value) => /^(?:https?:\/\/|git@)/.test(value));
}

function readReference(written: string, path: string): Reference {
  try {
    const reference = parseReference(written);
    return reference.tag === undefined && reference.digest === undefined
      ? { ...reference, tag: 'latest' }
      : reference;
  } catch (error) {
    if (!isBundlesError(error, 'REFERENCE_INVALID')) throw error;
    throw invalid(path, `${JSON.stringify(written.slice(0, 200))} is not an image`, error);
  }
}

function offsets(text: string): (position: Position) => number {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return ({ line, character }) => (starts[line] ?? text.length) + character;
}

function line(instruction: Instruction): number {
  return instruction.getRange().start.line + 1;
}

function invalid(path: string, problem: string, cause?: unknown): BundlesError {
  return new BundlesError('CONTAINERFILE_INVALID', `Cannot build from ${JSON.stringify(path)}: ${problem}`, {
    details: { path },
    cause,
  });
}

function unknownVariable(
  path: string,
  { instruction, image, missing }: { instruction: Instruction; image: string; missing: string },
): BundlesError {
  return new BundlesError(
    'CONTAINERFILE_INVALID',
    `Cannot build from ${JSON.stringify(path)}: line ${line(instruction)} takes ${JSON.stringify(image)}, and ${missing} has no value`,
    {
      hint: `Give it a default (ARG ${missing}=…) before the first FROM, or a value under args: in bundles.yaml`,
      details: { path, line: line(instruction), variable: missing },
    },
  );
}

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
