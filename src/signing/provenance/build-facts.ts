import { BundlesError } from '../../errors.js';

/** Who builds, in which run, from which commit. */
export interface BuildFacts {
  /** URI of the builder: the workflow or pipeline definition, with its ref. */
  readonly builder: string;
  /** URL of the run. */
  readonly invocation: string | undefined;
  readonly source: SourceCommit | undefined;
}

/** The commit that was built. */
export interface SourceCommit {
  /** `git+https://…@refs/heads/main`. */
  readonly uri: string;
  /** 40 or 64 hexadecimal digits. */
  readonly commit: string;
}

/** What replaces what the job states. */
export interface BuildFactsOptions {
  /** URI of the builder. */
  readonly builder?: string | undefined;
  /** With `sourceCommit`. */
  readonly sourceUri?: string | undefined;
  /** 40 or 64 hexadecimal digits; with `sourceUri`. */
  readonly sourceCommit?: string | undefined;
}

/**
 * What the options state about a build, else what GitHub Actions or GitLab CI state about the job in its environment.
 *
 * @throws USAGE where nothing names the builder, or a value cannot be one
 * @example
 * ```ts
 * import { readBuildFacts } from 'tekton-bundles/signing';
 *
 * console.log(readBuildFacts({}, { builder: 'https://ci.example.com/builder' }).builder); // https://ci.example.com/builder
 * ```
 */
export function readBuildFacts(
  environment: Readonly<Record<string, string | undefined>>,
  options: BuildFactsOptions = {},
): BuildFacts {
  const found =
    environment.GITHUB_ACTIONS === 'true'
      ? githubFacts(environment)
      : environment.GITLAB_CI === 'true'
        ? gitlabFacts(environment)
        : {};
  const builder = options.builder === undefined ? found.builder : requireUri('--builder-id', options.builder);
  if (builder === undefined) {
    throw new BundlesError('USAGE', 'Cannot attest provenance: the builder is unknown', {
      hint: 'Pass --builder-id URI; in a job of GitHub Actions or GitLab CI it is known',
    });
  }
  return { builder, invocation: found.invocation, source: sourceOf(options, found.source) };
}

type Variables = Readonly<Record<string, string | undefined>>;

function sourceOf(
  { sourceUri, sourceCommit }: BuildFactsOptions,
  found: SourceCommit | undefined,
): SourceCommit | undefined {
  if (sourceUri === undefined && sourceCommit === undefined) return found;
  const uri = sourceUri === undefined ? found?.uri : requireUri('--source-uri', sourceUri);
  const commit = sourceCommit ?? found?.commit;
  if (uri === undefined || commit === undefined) {
    throw new BundlesError('USAGE', 'Cannot attest provenance: a source needs its URI and its commit', {
      hint: 'Give both --source-uri and --source-commit',
    });
  }
  if (!isCommit(commit)) {
    throw new BundlesError('USAGE', `Cannot use --source-commit ${JSON.stringify(commit.slice(0, 100))}`, {
      hint: 'Expected: 40 or 64 lower-case hexadecimal digits, as git rev-parse HEAD prints them',
    });
  }
  return { uri, commit };
}

function githubFacts(environment: Variables): Partial<BuildFacts> {
  const {
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_WORKFLOW_REF: workflow,
  } = environment;
  const {
    GITHUB_SHA: commit,
    GITHUB_REF: ref,
    GITHUB_RUN_ID: run,
    GITHUB_RUN_ATTEMPT: attempt,
  } = environment;
  if (!server || !repository) return {};
  const home = `${server}/${repository}`;
  return {
    builder: workflow && uriOrNone(`${server}/${workflow}`),
    invocation: run && uriOrNone(`${home}/actions/runs/${run}${attempt ? `/attempts/${attempt}` : ''}`),
    source: commitOrNone(home, ref, commit),
  };
}

function gitlabFacts(environment: Variables): Partial<BuildFacts> {
  const {
    CI_PROJECT_URL: home,
    CI_COMMIT_SHA: commit,
    CI_COMMIT_TAG: tag,
    CI_COMMIT_BRANCH: branch,
  } = environment;
  const { CI_CONFIG_PATH: config, CI_JOB_URL: job, CI_MERGE_REQUEST_REF_PATH: request } = environment;
  if (!home) return {};
  const ref = tag ? `refs/tags/${tag}` : branch ? `refs/heads/${branch}` : request;
  return {
    // As GitLab's own tokens name the definition of a pipeline.
    builder: uriOrNone(`${home}//${config || '.gitlab-ci.yml'}${ref ? `@${ref}` : ''}`),
    invocation: job && uriOrNone(job),
    source: commitOrNone(home, ref, commit),
  };
}

function commitOrNone(home: string, ref: string | undefined, commit: string | undefined) {
  const uri = uriOrNone(`git+${home}${ref ? `@${ref}` : ''}`);
  return uri !== undefined && commit !== undefined && isCommit(commit) ? { uri, commit } : undefined;
}

const isCommit = (text: string) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

/** Undefined for what is not a URI, and for what holds a password. */
function uriOrNone(text: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:[\x21-\x7e]{1,2000}$/i.test(text) || !URL.canParse(text)) return undefined;
  const { username, password } = new URL(text);
  return username === '' && password === '' ? text : undefined;
}

/** @throws USAGE */
function requireUri(option: string, text: string): string {
  const uri = uriOrNone(text);
  if (uri !== undefined) return uri;
  throw new BundlesError('USAGE', `Cannot use ${option}: it is not a URI, or holds a user`, {
    hint: `Write it as ${option} https://…, without user and password`,
  });
}
