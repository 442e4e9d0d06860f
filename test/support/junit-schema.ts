import { expect } from 'vitest';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** What Ant's JUnit schema states of each element: its attributes, and its children in their order. */
const rules: Readonly<Record<string, { attributes: Record<string, RegExp>; children: readonly string[] }>> = {
  testsuites: { attributes: {}, children: ['testsuite'] },
  testsuite: {
    attributes: {
      id: /^\d+$/,
      package: /./,
      name: /./,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
      hostname: /./,
      tests: /^\d+$/,
      failures: /^\d+$/,
      errors: /^\d+$/,
      skipped: /^\d+$/,
      time: /^\d+\.\d+$/,
    },
    children: ['properties', 'testcase', 'system-out', 'system-err'],
  },
  properties: { attributes: {}, children: [] },
  testcase: {
    attributes: { classname: /./, name: /./, time: /^\d+\.\d+$/ },
    children: ['skipped', 'error', 'failure'],
  },
  skipped: { attributes: {}, children: [] },
  error: { attributes: { message: /^/, type: /./ }, children: [] },
  failure: { attributes: { message: /^/, type: /./ }, children: [] },
  'system-out': { attributes: {}, children: [] },
  'system-err': { attributes: {}, children: [] },
};

/** Reads a JUnit report, holding it against the schema, and gives its cases. */
export function readJunit(text: string) {
  expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/);
  const root = parse(text.replace(/^<\?xml[^>]*\?>\n/, ''));
  expect(root.name).toBe('testsuites');
  check(root);
  const [suite] = root.children;
  const cases = (suite?.children ?? [])
    .filter(({ name }) => name === 'testcase')
    .map(({ attributes, children: [result] }) => ({
      subject: attributes.classname,
      name: attributes.name,
      result: result?.name ?? 'passed',
      type: result?.attributes.type,
      text: result?.text,
    }));
  const counted = (result: string) => cases.filter((one) => one.result === result).length;
  expect(suite?.attributes).toMatchObject({
    tests: `${cases.length}`,
    failures: `${counted('failure')}`,
    errors: `${counted('error')}`,
    skipped: `${counted('skipped')}`,
  });
  const output = suite?.children.find(({ name }) => name === 'system-out')?.text ?? '';
  return { name: suite?.attributes.name, cases, output };
}

function check({ name, attributes, children }: Element): void {
  const rule = rules[name];
  if (rule === undefined) throw new Error(`the schema knows no element ${name}`);
  expect(Object.keys(attributes).sort()).toEqual(Object.keys(rule.attributes).sort());
  for (const [key, pattern] of Object.entries(rule.attributes)) expect(attributes[key]).toMatch(pattern);
  const order = children.map((child) => rule.children.indexOf(child.name));
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((one, other) => one - other));
  const once = children.map((child) => child.name).filter((child) => !/^testcase$|^testsuite$/.test(child));
  expect(new Set(once).size).toBe(once.length);
  if (name === 'testsuite') expect(once).toEqual(['properties', 'system-out', 'system-err']);
  if (name === 'testcase') expect(children.length).toBeLessThanOrEqual(1);
  for (const child of children) check(child);
}

function parse(text: string): Element {
  const document: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [document];
  const tag = /<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const match of text.matchAll(tag)) {
    const [whole, closes, name = '', list = '', alone, characters] = match;
    end = match.index + whole.length;
    const parent = open.at(-1);
    if (!parent) throw new Error('more is closed than was opened');
    if (characters !== undefined) parent.text += unescaped(characters);
    else if (closes) expect(open.pop()?.name).toBe(name);
    else {
      const pairs = [...list.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key, value = '']) => [
        key,
        unescaped(value),
      ]);
      const element: Element = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
      parent.children.push(element);
      if (!alone) open.push(element);
    }
  }
  expect([end, open.length, document.children.length]).toEqual([text.length, 1, 1]);
  return document.children[0] as Element;
}

function unescaped(text: string): string {
  expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|&(?!#\d+;)/);
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
