const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const qualified = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** Kubernetes' DNS-1123 label. */
export function isDnsLabel(name: string): boolean {
  return name.length <= 63 && label.test(name);
}

/** Kubernetes' DNS-1123 subdomain. */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && subdomain.test(name);
}

/** Kubernetes' qualified name: a name, or a DNS subdomain, `/` and a name. */
export function isQualifiedName(text: string): boolean {
  const parts = text.split('/');
  const name = parts.pop() ?? '';
  const [prefix, ...more] = parts;
  if (more.length > 0 || (prefix !== undefined && !isDnsSubdomain(prefix))) return false;
  return name.length <= 63 && qualified.test(name);
}

/** The names that a list repeats, at each later place. */
export function duplicates<T extends { readonly text: string }>(names: readonly T[]): T[] {
  const seen = new Set<string>();
  return names.filter(({ text }) => {
    const known = seen.has(text);
    seen.add(text);
    return known;
  });
}
