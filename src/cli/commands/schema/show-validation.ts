import type { ValidatedFile } from '../../../ensure/schemas/validate-project.js';
import type { PlacedDocumentProblem } from '../../../schema/validate-document.js';
import { count } from '../../output/progress.js';
import type { Paint } from '../../output/terminal.js';

/** Validated files as lines for people: a problem a line, as compilers tell them. */
export function showValidation(files: readonly ValidatedFile[], paint: Paint): string {
  const lines = files.flatMap((file) => showFile(file, paint));
  const problems = files.flatMap((file) => file.problems);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const sums = [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ];
  const what = sums.length === 0 ? 'nothing wrong' : sums.join(', ');
  lines.push(
    paint('bold', files.length === 0 ? 'no schema to check' : `${count(files.length, 'file')}: ${what}`),
  );
  return `${lines.join('\n')}\n`;
}

function showFile({ file, kind, matched, problems }: ValidatedFile, paint: Paint): string[] {
  if (problems.length > 0) return problems.flatMap((problem) => showProblem(problem, paint));
  const against = matched ? ', fits its Pipeline' : '';
  return [`${paint('green', '✓')} ${file} ${paint('dim', `${kind ?? ''}${against}`)}`];
}

function showProblem(problem: PlacedDocumentProblem, paint: Paint): string[] {
  const { file, line, column, severity, rule, path, message, hint } = problem;
  const word = paint(severity === 'error' ? 'red' : 'yellow', severity);
  const shown = `${file}:${line}:${column}: ${word} ${paint('bold', rule)}: ${path === '' ? '' : `${path}: `}${message}`;
  return hint === null ? [shown] : [shown, `  hint: ${hint}`];
}
