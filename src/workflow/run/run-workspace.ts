import { BundlesError } from '../../errors.js';

/** A workspace binding as it is in a run. */
export type WorkspaceBinding = { readonly name: string; readonly subPath?: string } & Readonly<
  Record<string, unknown>
>;

/**
 * The workspaces of a run, each given as `tkn` takes them: `name=N,emptyDir=`, `name=N,claimName=PVC,subPath=DIR`,
 * `name=N,config=CONFIGMAP`, `name=N,secret=SECRET`.
 *
 * @throws USAGE for workspaces that are unknown, missing, bound twice or bound to nothing
 */
export function runWorkspaces(spec: unknown, given: readonly string[]): WorkspaceBinding[] {
  const declared = declaredWorkspaces(spec);
  const bindings = new Map<string, WorkspaceBinding>();
  for (const text of given) {
    const binding = parseBinding(text);
    const { name } = binding;
    if (!declared.some((one) => one.name === name)) {
      const known = declared.map((one) => one.name).join(', ');
      throw refused(text, `there is no workspace ${JSON.stringify(name)}`, `It has ${known || 'none'}`);
    }
    if (bindings.has(name)) throw refused(text, `${JSON.stringify(name)} is bound twice`);
    bindings.set(name, binding);
  }
  const missing = declared.filter(({ name, optional }) => !optional && !bindings.has(name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name);
    throw new BundlesError('USAGE', `Cannot run it without its workspaces ${names.join(', ')}`, {
      hint: `Add ${names.map((name) => `--workspace name=${name},emptyDir=`).join(' ')}, or claimName=, config=, secret=`,
      details: { missing: names },
    });
  }
  return declared.flatMap(({ name }) => bindings.get(name) ?? []);
}

function declaredWorkspaces(spec: unknown): { name: string; optional: boolean }[] {
  const list = (spec as { workspaces?: unknown } | null | undefined)?.workspaces;
  return (Array.isArray(list) ? list : []).flatMap((one: { name?: unknown; optional?: unknown } | null) =>
    typeof one?.name === 'string' ? [{ name: one.name, optional: one.optional === true }] : [],
  );
}

const forms: Readonly<Record<string, (value: string) => Readonly<Record<string, unknown>>>> = {
  emptyDir: (value) => ({ emptyDir: value === '' ? {} : { medium: value } }),
  claimName: (value) => ({ persistentVolumeClaim: { claimName: value } }),
  config: (value) => ({ configMap: { name: value } }),
  secret: (value) => ({ secret: { secretName: value } }),
};

function parseBinding(text: string): WorkspaceBinding {
  const parts = new Map<string, string>();
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const key = part.slice(0, at);
    if (at <= 0 || parts.has(key))
      throw refused(text, `found ${JSON.stringify(part)}, wanted KEY=VALUE once`);
    parts.set(key, part.slice(at + 1));
  }
  const name = parts.get('name');
  const subPath = parts.get('subPath');
  const [form, ...more] = Object.keys(forms).filter((key) => parts.has(key));
  const known = (name === undefined ? 0 : 1) + (subPath === undefined ? 0 : 1) + (form === undefined ? 0 : 1);
  const value = parts.get(form ?? '');
  if (!name || form === undefined || more.length > 0 || known !== parts.size) {
    throw refused(text, 'wanted name=N and one of emptyDir=, claimName=PVC, config=CONFIGMAP, secret=SECRET');
  }
  if (value === '' && form !== 'emptyDir') throw refused(text, `${form} names nothing`);
  return { name, ...(subPath ? { subPath } : {}), ...forms[form]?.(value ?? '') };
}

function refused(text: string, problem: string, hint?: string): BundlesError {
  return new BundlesError('USAGE', `Cannot use --workspace ${JSON.stringify(text)}: ${problem}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}
