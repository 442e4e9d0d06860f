import { BundlesError, isBundlesError } from '../../errors.js';

/** Runs what reads a file; where that fails as the file is a template, or has directives, the hint states so. */
export function advise<T>(text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isBundlesError(error, 'YAML_INVALID') && !isBundlesError(error, 'OBJECT_INVALID')) throw error;
    const { line = 1 } = error.details as { line?: number };
    const hint = adviceFor(text, line);
    if (hint === undefined) throw error;
    throw new BundlesError(error.code, error.message, { hint, details: error.details, cause: error.cause });
  }
}

const templates: readonly (readonly [RegExp, string])[] = [
  [
    /\{\{-?\s*(?:[.$]|\/\*|(?:if|range|include|template|with|end|define|else|toYaml|default|printf|required|tpl)\b)/,
    'This is a template of Helm or Go: bundle its output, e.g. helm template CHART > rendered.yaml',
  ],
  [/\{%|\{\{|\{#/, 'This is a template, e.g. of Jinja: bundle its output'],
  [
    /\$\{[A-Za-z_]/,
    'This is a template for envsubst: bundle its output, e.g. envsubst < FILE > rendered.yaml',
  ],
];

/** Recognizes the kind of file by the lines at the error, or by the beginning of any line. */
function adviceFor(text: string, line: number): string | undefined {
  const lines = text.split('\n', line + 1);
  const near = lines.slice(Math.max(0, line - 2)).join('\n');
  if (/^%(?:YAML|TAG)\b/m.test(near)) {
    return "Remove the lines that start with %: Kubernetes' tools split the file at ---, and read these lines as a document of their own";
  }
  const byLine = templates.find(([pattern]) => pattern.test(near));
  // Helm's and Jinja's control lines may lie far from the place where YAML stumbles.
  const byFile = /^[ \t]*(?:\{\{|\{%)/m.test(text)
    ? templates.find(([pattern]) => pattern.test(text))
    : undefined;
  return (byLine ?? byFile)?.[1];
}
