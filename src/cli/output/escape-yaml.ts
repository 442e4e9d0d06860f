import type { Redactor } from '../../http/redactor.js';
import { parseYaml } from '../../tekton/yaml/parse-yaml.js';
import type { YamlValue } from '../../tekton/yaml/value.js';
import { writeYaml } from '../../tekton/yaml/write-yaml.js';
import { cleanControls, escapeInJson, isUnsafeYaml } from './clean-text.js';

/**
 * YAML documents rewritten with the same values: texts that could harm a terminal or a CI log are in double quotes with
 * escapes, secrets are `***`. Comments are lost. What cannot be read as YAML loses its controls instead.
 */
export function escapeYaml(text: string, redactor: Pick<Redactor, 'redact'>): string {
  const documents = text.split(/^---(?:[ \t]*\n|[ \t]+)/m);
  const [head = '', ...rest] = documents;
  const wanted = head.trim() === '' && rest.length > 0 ? rest : documents;
  try {
    const written = wanted.map((document) => writeDocument(document, redactor));
    const separated = written.join('---\n');
    return text.startsWith('---') ? `---\n${separated}` : separated;
  } catch {
    const lines = text.split('\n').map((line) => redactor.redact(cleanControls(line)));
    return lines
      .map((line) => line.replace(/##(?=\w*\[)/g, '# #').replace(/^(\s*):(?=:)/, '$1: '))
      .join('\n');
  }
}

function writeDocument(document: string, redactor: Pick<Redactor, 'redact'>): string {
  const { value } = parseYaml(document, { file: 'output', document: 1, line: 1 });
  return writeYaml(redacted(value, redactor), {
    quote: (text) => (isUnsafeYaml(text) ? quotedSafely(text) : undefined),
  });
}

/** YAML has no surrogate pairs: a character beyond the first plane has eight digits. */
function quotedSafely(text: string): string {
  return escapeInJson(JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd'))).replace(
    /\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/g,
    (_, high: string, low: string) => {
      const code = 0x10000 + ((parseInt(high, 16) & 0x3ff) << 10) + (parseInt(low, 16) & 0x3ff);
      return `\\U${code.toString(16).padStart(8, '0')}`;
    },
  );
}

function redacted(value: YamlValue, redactor: Pick<Redactor, 'redact'>, key?: string): YamlValue {
  if (typeof value === 'string') return redactor.redact(value, key === undefined ? {} : { key });
  if (Array.isArray(value)) return value.map((item) => redacted(item, redactor, key));
  if (!(value instanceof Map)) return value;
  return new Map(
    [...value].map(([name, item]) => [redactor.redact(name), redacted(item, redactor, name)] as const),
  );
}
