import { parseLoginName } from '../../../auth/login-name.js';
import { BundlesError } from '../../../errors.js';
import { hostKey } from '../../../oci/registry-host.js';
import { keepProject } from '../../../open/own-values.js';
import { declaredSettings, keepTrustedSettings } from '../../../open/trusted-settings.js';
import { readProject } from '../../../project/read-project.js';
import type { Session } from '../../session.js';
import { type LoginOptions, requireRegistry } from './run-login.js';

export interface TrustLoginRequest {
  readonly registry: string | undefined;
  /** A bundles.yaml. */
  readonly config: string;
  readonly options: LoginOptions;
}

/**
 * Trusts the settings of a registry in a bundles.yaml as they are now: from then on credentials of this machine are used with
 * these settings, and with no others.
 */
export async function runTrustLogin(
  { context }: Session,
  { registry: given, config, options }: TrustLoginRequest,
): Promise<void> {
  const { registry, path } = parseLoginName(requireRegistry(given));
  requireAlone(path, options);
  const project = keepProject(context, await readProject(config, {}, { signal: context.signal }));
  const host = hostKey(registry);
  const [settings] = await declaredSettings(host, [project], context.signal);
  if (settings === undefined) return;
  const file = await keepTrustedSettings(host, settings, context);
  if (options.output === 'json')
    context.stdout.json({ version: 1, registry, config: project.file, settings, file, error: null });
  else
    context.stdout.line(
      `trusting the settings of ${registry} in ${project.file} (${describe(settings)}); stored in ${file}`,
    );
}

function describe(settings: Awaited<ReturnType<typeof declaredSettings>>[number]): string {
  const { plainHttp, insecureSkipTlsVerify, mirrors, authorities } = settings;
  const parts = [
    plainHttp && 'plainHttp',
    insecureSkipTlsVerify && 'insecureSkipTlsVerify',
    authorities !== null && `caFile with SHA-256 ${authorities}`,
    mirrors.length > 0 && `mirrors ${mirrors.join(', ')}`,
  ].filter((part) => typeof part === 'string');
  return parts.length === 0 ? 'nothing special' : parts.join('; ');
}

function requireAlone(path: string, { username, passwordStdin }: LoginOptions): void {
  const found =
    path !== ''
      ? `the namespace ${JSON.stringify(path)}`
      : passwordStdin
        ? 'a password'
        : username && 'a user';
  if (!found) return;
  throw new BundlesError('USAGE', `Cannot use --trust-config: ${found} is given too`, {
    hint: 'Settings hold for a whole registry: name its host and the file; a password is kept by another login',
  });
}
