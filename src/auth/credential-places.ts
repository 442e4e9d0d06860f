import { join } from 'node:path';

/** A place where credentials may be kept. */
export interface CredentialPlace {
  /** How messages name it. */
  readonly name: string;
  readonly path?: string;
  /** The content itself, where a variable holds it. */
  readonly text?: string;
  readonly form: 'auths' | 'top';
  /** It was named on purpose: that it is missing is an error. */
  readonly required: boolean;
  readonly helpers: boolean;
  /** A default path that no setting names: if its directory is not accessible, it is another user's and is skipped. */
  readonly assumed?: boolean;
}

/** The user and the environment whose credentials are looked for. */
export interface PlacesOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home?: string | undefined;
  /** Replaces XDG_RUNTIME_DIR. */
  readonly runtimeDirectory?: string | undefined;
  readonly uid?: number | undefined;
  readonly platform: NodeJS.Platform;
}

/** The files and variables to look at, in this order: docker's before podman's, as tkn, crane and cosign do. */
export function credentialPlaces({
  environment,
  home,
  uid,
  platform,
  ...options
}: PlacesOptions): CredentialPlace[] {
  const set = (name: string) => environment[name] || undefined;
  const named = set('REGISTRY_AUTH_FILE');
  if (named) return [{ ...file(named), name: `REGISTRY_AUTH_FILE (${named})`, required: true }];
  const places: CredentialPlace[] = [];
  const text = set('DOCKER_AUTH_CONFIG');
  if (text) places.push({ name: 'DOCKER_AUTH_CONFIG', text, form: 'auths', required: false, helpers: false });
  places.push(...dockerPlaces({ environment, home }));
  const mounted = set('DOCKER_CONFIG');
  // What a Secret of type kubernetes.io/dockerconfigjson is in the directory where it is mounted. Nothing of it starts a program.
  if (mounted) places.push({ ...file(join(mounted, '.dockerconfigjson')), helpers: false });
  const runtime = options.runtimeDirectory ?? set('XDG_RUNTIME_DIR');
  if (runtime) places.push(file(join(runtime, 'containers', 'auth.json')));
  else if (platform === 'linux' && uid !== undefined)
    places.push({ ...file(`/run/containers/${uid}/auth.json`), assumed: true });
  const config = set('XDG_CONFIG_HOME') ?? (home && join(home, '.config'));
  if (config) places.push(file(join(config, 'containers', 'auth.json')));
  if (home) places.push({ ...file(join(home, '.dockercfg')), form: 'top', helpers: false });
  return places;
}

/** The file that docker and `login` keep credentials in. */
export function dockerPlaces({
  environment,
  home,
}: Pick<PlacesOptions, 'environment' | 'home'>): CredentialPlace[] {
  const directory = environment.DOCKER_CONFIG || (home && join(home, '.docker'));
  return directory ? [file(join(directory, 'config.json'))] : [];
}

function file(path: string): CredentialPlace {
  return { name: path, path, form: 'auths', required: false, helpers: true };
}
