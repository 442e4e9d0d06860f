/** A secret of a build: RUN mounts it by its id, and it becomes no part of the image or its key. */
export interface BuildSecret {
  readonly id: string;
  /** A variable of the engine's environment, or the absolute path of a file. */
  readonly from: { readonly env: string } | { readonly file: string };
}

/** Every user of a machine may read the words of a command, so values of arguments go through the environment. */
export function argumentVariables(args: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(args).filter(([name]) => !isReserved(name)));
}

/** The words for build arguments: the value stays out of them, unless the engine itself reads a variable of that name. */
export function argumentWords(args: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(args).flatMap(([name, value]) => [
    '--build-arg',
    isReserved(name) ? `${name}=${value}` : name,
  ]);
}

export function secretWords(secrets: readonly BuildSecret[]): readonly string[] {
  return secrets.flatMap(({ id, from }) => [
    '--secret',
    'env' in from ? `id=${id},env=${from.env}` : `id=${id},src=${from.file}`,
  ]);
}

/** Variables that the engine, its helpers or the process beside it obey. */
function isReserved(name: string): boolean {
  return (
    /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|TZ|TMPDIR|DEBUG|PWD|SSLKEYLOGFILE|SOURCE_DATE_EPOCH)$/.test(
      name,
    ) ||
    /^(?:GODEBUG|GOGC|GOMAXPROCS|GOMEMLIMIT|GOTRACEBACK|GOCOVERDIR|NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS)$/.test(
      name,
    ) ||
    /^(?:LC|LD|XDG|DBUS|SSH|SSL|DYLD|CONTAINERS?|DOCKER|BUILDAH|BUILDKIT|BUILDX|PODMAN|STORAGE|REGISTRY|OTEL|KIND|BUNDLES)_/.test(
      name,
    ) ||
    /^(?:https?|ftp|no|all)_proxy$/i.test(name) ||
    name.startsWith('_')
  );
}
