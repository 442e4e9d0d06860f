import { BundlesError } from '../../../errors.js';
import { reportedError } from '../../../publish/reported-error.js';
import { type ConvertedDocument, convertDocuments } from '../../../schema/convert/convert-document.js';
import type { SchemaFormat } from '../../../workflow/schema-document.js';
import { exitCodeOf } from '../../exit-codes.js';
import type { CommonOptions } from '../../options/common-options.js';
import { readDocumentArgument } from '../../options/read-document-argument.js';
import { describeError } from '../../output/report-error.js';
import type { Session } from '../../session.js';

export interface ConvertOptions extends CommonOptions {
  readonly to: SchemaFormat;
  readonly actionType?: string;
  readonly whenToUse?: string;
  readonly bundle?: string;
  readonly label?: ReadonlyMap<string, readonly string[]>;
  readonly strict?: boolean;
}

/** Prints a schema in another format, and on standard error what is lost or changed. */
export async function runSchemaConvert(
  session: Session,
  { file, options }: { readonly file: string; readonly options: ConvertOptions },
): Promise<void> {
  const { context } = session;
  const { to, actionType, whenToUse, bundle, label: labels } = options;
  const { text, shown } = await readDocumentArgument(context, file);
  const converted = await convertDocuments(text, {
    file: shown,
    to,
    supplement: { actionType, whenToUse, bundle, labels },
  });
  const failure = options.strict ? lossError(converted, shown) : undefined;
  if (options.output === 'json') {
    const { from, notes } = converted;
    const error = failure ? reportedError(failure) : null;
    const result = { version: 1, file: shown, from, to, document: converted.text, notes, error };
    context.stdout.json(result);
  } else {
    if (!failure) await context.stdout.yaml(converted.text);
    if (!options.quiet) context.stderr.lines(noteLines(converted, shown));
  }
  if (!failure) return;
  context.stderr.lines(describeError(failure, { verbose: false }));
  session.exitCode = exitCodeOf(failure);
}

function noteLines({ notes }: ConvertedDocument, file: string): string[] {
  return notes.map(
    ({ effect, rule, line, column, message }) => `${file}:${line}:${column}: ${effect} ${rule}: ${message}`,
  );
}

function lossError({ notes, to }: ConvertedDocument, file: string): BundlesError | undefined {
  const lost = notes.filter(({ effect }) => effect === 'lost');
  const [first] = lost;
  if (first === undefined) return undefined;
  const more = lost.length > 1 ? ` (and ${lost.length - 1} more)` : '';
  return new BundlesError(
    'SCHEMA_INVALID',
    `Cannot convert ${JSON.stringify(file)} to ${to} without loss: ${first.message}${more}`,
    { hint: 'Leave --strict out to convert it all the same', details: { file, rule: first.rule } },
  );
}
