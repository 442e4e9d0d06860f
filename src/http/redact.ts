/** A URL fit for messages and logs: without user, password, query and fragment, where signatures and tokens stand. */
export function redactUrl(url: string | URL): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return '(not a URL)';
  }
  return parsed.host === '' ? `${parsed.protocol}…` : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

/**
 * Replaces every occurrence of every secret by `***`, also where it stands percent-encoded or in base64 alone.
 * Secrets shorter than four characters are left: hiding them would hide half the text.
 */
export function redactSecrets(text: string, secrets: Iterable<string>): string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < 4) continue;
    forms.add(secret);
    forms.add(percentEncoded(secret));
    forms.add(Buffer.from(secret).toString('base64'));
  }
  // Longest first, so that no rest of a long secret stays behind a shorter one inside it.
  const ordered = [...forms].sort((one, other) => other.length - one.length);
  return ordered.reduce((safe, form) => safe.replaceAll(form, '***'), text);
}

function percentEncoded(secret: string): string {
  return encodeURIComponent(secret.replace(/[\ud800-\udfff]/g, '\ufffd'));
}
