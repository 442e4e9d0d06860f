/** What is to be done, as an AuthorizationTarget states it. */
export interface ScopeTarget {
  /** Empty: only a login, without a right on any repository. */
  readonly repository: string;
  readonly actions: 'pull' | 'pull,push';
  readonly alsoPull?: readonly string[];
}

/**
 * The scopes to ask for: the repository first, with all its actions in one scope, then the sources of mounts, then
 * what the registry's challenge adds. A challenge never widens a request to pull into more than pull: on some
 * registries asking for push creates the repository.
 */
export function scopesFor(target: ScopeTarget, challenged: readonly string[] = []): string[] {
  const repositories = new Map<string, Set<string>>();
  if (target.repository !== '') repositories.set(target.repository, new Set(target.actions.split(',')));
  for (const other of target.alsoPull ?? []) {
    if (!repositories.has(other)) repositories.set(other, new Set(['pull']));
  }
  const verbatim = new Set<string>();
  for (const scope of challenged) {
    const parsed = repositoryScope.exec(scope);
    if (!parsed) {
      verbatim.add(scope);
      continue;
    }
    if (target.repository === '') continue;
    const [, repository = '', actions = ''] = parsed;
    const pushing = target.actions === 'pull,push' && repository === target.repository;
    const wanted = actions
      .split(',')
      .filter((action) => (pushing ? /^[a-z*]+$/.test(action) : action === 'pull'));
    if (wanted.length === 0) continue;
    const known = repositories.get(repository) ?? new Set();
    for (const action of wanted) known.add(action);
    repositories.set(repository, known);
  }
  const scopes = [...repositories].map(([name, actions]) => `repository:${name}:${[...actions].join(',')}`);
  return [...scopes, ...verbatim].slice(0, mostScopes);
}

/** The scopes of a challenge's parameter, the senseless ones left out. */
export function parseScopes(parameter: string | undefined): string[] {
  return (parameter ?? '')
    .split(/\s+/)
    .filter((scope) => /^[\x21-\x7e]{1,512}$/.test(scope))
    .slice(0, mostScopes);
}

const mostScopes = 10;
const repositoryScope = /^repository(?:\([^)]*\))?:(.+):([^:]*)$/;
