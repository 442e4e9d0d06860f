export interface RefusalOptions {
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal in the words of the distribution specification. */
export function refusal(
  status: number,
  [code, message]: readonly [string, string],
  { detail, headers = {} }: RefusalOptions = {},
): Response {
  const error = detail === undefined ? { code, message } : { code, message, detail };
  return Response.json({ errors: [error] }, { status, headers });
}

/** The first error code of an answer; it can still be read afterwards. */
export async function codeOf(response: Response): Promise<string | undefined> {
  try {
    const body = (await response.clone().json()) as { errors?: readonly { code?: string }[] };
    return body.errors?.[0]?.code;
  } catch {
    return undefined;
  }
}
