import { type BundlesError, toBundlesError } from '../../errors.js';
import { shorten } from '../../http/shorten.js';
import type { ReportedError } from '../../publish/reported-error.js';
import { type PlacedProblem, placedProblems } from '../../yaml-file/problems-error.js';
import { showText } from '../../yaml-file/show-text.js';
import type { Paint } from './screen.js';
import type { Text } from './wrap.js';

/**
 * An error as `error[CODE]: message` and its hint; a stack only for unexpected errors. All mistakes of
 * a file are listed, each with its line.
 */
export function describeError(
  error: unknown,
  { verbose, paint = (_, text) => text }: { readonly verbose: boolean; readonly paint?: Paint },
): string[] {
  const ours = toBundlesError(error);
  const problems = placedProblems(ours);
  const lines = problems.length > 1 ? describeProblems(ours, problems) : describeOne(ours, problems);
  const shown = lines.map((line) =>
    line
      .replace(/^error\[\w+\]/, (code) => paint('red', code))
      .replace(/^( *)(hint:)/, (_, indent: string, word: string) => `${indent}${paint('bold', word)}`),
  );
  if (ours.code === 'UNEXPECTED' || verbose) shown.push(...causes(ours));
  return shown;
}

function describeOne(error: BundlesError, problems: readonly PlacedProblem[]): string[] {
  const lines = [`error[${error.code}]: ${error.message}`];
  for (const { excerpt } of problems) lines.push(...indented(excerpt));
  if (error.hint) lines.push(`hint: ${error.hint}`);
  return lines;
}

function describeProblems({ code, details }: BundlesError, problems: readonly PlacedProblem[]): string[] {
  const file = showText(String(details.file));
  const lines = [
    `error[${code}]: Cannot read the ${String(details.what)}, ${file}: found ${problems.length} mistakes`,
  ];
  for (const { path, line, column, message, hint, excerpt } of problems) {
    const subject = path === '' ? '' : `${path} `;
    lines.push(
      '',
      `${shorten(String(details.file))}:${line}:${column}: ${subject}${message}`,
      ...indented(excerpt),
    );
    if (hint !== null) lines.push(`  hint: ${hint}`);
  }
  return lines;
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`);
}

function causes(error: BundlesError): string[] {
  const lines: string[] = [];
  let cause: unknown = error.cause;
  for (let depth = 0; cause instanceof Error && depth < 5; depth++) {
    const foreign = error.code === 'UNEXPECTED' && depth === 0;
    // TLS and HTTP parsers quote what the other side sent.
    const stack = foreign ? (cause.stack ?? cause.message).split('\n') : undefined;
    lines.push(...(stack ?? [`cause: ${shorten(cause.message, { max: 1000 })}`]));
    cause = cause.cause;
  }
  return lines;
}

/** An error in a result as `error[CODE]: message`, and its hint. */
export function errorTexts({ code, message, hint }: ReportedError): Text[] {
  const first: Text = [['red', `error[${code}]`], `: ${message}`];
  return hint ? [first, [['bold', 'hint:'], ` ${hint}`]] : [first];
}
