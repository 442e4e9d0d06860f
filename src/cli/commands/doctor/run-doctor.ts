import { createKeychain } from '../../../auth/keychain.js';
import type { CheckResult, LinkName, LinkState } from '../../../doctor/check-result.js';
import { type Diagnosis, diagnose } from '../../../doctor/diagnose.js';
import { catalogToken, givenToken } from '../../../open/catalog-token.js';
import type { Connection } from '../../../open/connect.js';
import { optionOr } from '../../../open/machine.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { openKubeconfig } from '../../../open/open-kubeconfig.js';
import { exitCodes } from '../../exit-codes.js';
import type { ProjectOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import { formatRows, type Mark, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';
import { showReport } from './show-report.js';

export interface DoctorOptions extends ProjectOptions, NetworkOptions {
  readonly cluster: 'none' | 'kind';
  readonly context?: string;
  readonly catalogTokenFile?: string;
  readonly engine?: string;
  /** Also what the project does not use. */
  readonly all?: boolean;
  /** As a page for a bug report. */
  readonly report?: boolean;
  readonly minDisk?: number;
  readonly minMemory?: number;
}

/** Seconds of retries: a person waits, and 40 s of retries would reveal no more. */
const patienceSeconds = 5;

/** Prints every link with what to do, and leaves with the exit status of the first broken one. */
export async function runDoctor(session: Session, options: DoctorOptions): Promise<void> {
  const { context } = session;
  const { environment, home, uid, platform, clock, signal } = context;
  const { ciCredentials = false } = options;
  const passedOver: string[] = [];
  const warn = (line: string) => void passedOver.push(line);
  const keychain = createKeychain({ environment, home, uid, platform, ciCredentials, warn });
  const inCluster = options.cluster === 'kind' || options.context !== undefined;
  let connection: Connection | undefined;
  try {
    // A missing file is a mistake whether a catalog is queried or not.
    await givenToken(context, options);
    const wait = context.waits.begin('checking this machine');
    const result = await diagnose({
      file: optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml',
      overrides: {
        repository: optionOr(undefined, context, 'BUNDLES_REPOSITORY'),
        tag: optionOr(undefined, context, 'BUNDLES_TAG'),
        fallback: optionOr(undefined, context, 'BUNDLES_FALLBACK'),
        catalog: optionOr(options.catalog, context, 'BUNDLES_CATALOG'),
      },
      lockFile: options.lock,
      stateDirectory: optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR'),
      environment,
      keychain,
      clock,
      signal,
      passedOver: () => passedOver,
      async connect(project, watch) {
        const registries = project.bundles.map(({ reference }) => reference.registry);
        const settings = {
          options: { ...options, timeout: options.timeout ?? patienceSeconds },
          patience: 'full',
          registries,
          projects: [project],
          keychain,
          watch,
        } as const;
        connection = await openConnection(context, settings);
        return { send: connection.send, client: connection.registry };
      },
      openCluster: (name) => openKubeconfig(context, name),
      cluster: inCluster ? { context: options.context } : undefined,
      catalogToken: (url) => catalogToken(context, url, { options, connection }),
      engine: options.engine,
      all: options.all,
      minDiskBytes: options.minDisk,
      minMemoryBytes: options.minMemory,
    });
    wait.end();
    if (options.output === 'json') context.stdout.json(result);
    else if (options.report) {
      // Markdown: a row of a table that is broken at a terminal would be no row where it is pasted.
      context.stdout.text(showReport(result, context).join('\n'));
    } else context.stdout.lines(showDiagnosis(result, createScreen(context, 'stdout', options), options.all));
    const first = result.links.find(({ state }) => state === 'broken');
    session.exitCode = first ? exitCodes[first.code ?? 'UNEXPECTED'] : 0;
  } finally {
    await connection?.close();
  }
}

const marks: Readonly<Record<LinkState, Mark>> = {
  ok: 'ok',
  warning: 'warning',
  broken: 'failed',
  'not-configured': 'none',
  skipped: 'planned',
};

/** Links that a project may do without. */
const optional: ReadonlySet<LinkName> = new Set(['catalog', 'cluster', 'engine', 'resolver']);

/** An examination as lines for people: each link, what to do about it, and a last line that names what is broken first. */
function showDiagnosis({ links }: Diagnosis, screen: Screen, all = false): string[] {
  const shown = links.filter(({ link, state }) => all || state !== 'not-configured' || !optional.has(link));
  const rows = formatRows(shown.map(rowOf), screen);
  const end = wrap([['bold', summary(links, links.length - shown.length)]], { indent: 0 }, screen);
  return [...rows, '', ...end];
}

function rowOf({ link, state, message, remedy, code }: CheckResult): Row {
  const text: Text = code === null ? message : [['red', `error[${code}]`], `: ${message}`];
  const more: Text[] = remedy === null ? [] : [[['bold', 'hint:'], ` ${remedy}`]];
  return { mark: marks[state], name: link, text, more };
}

function summary(links: readonly CheckResult[], unused: number): string {
  const named = (state: LinkState) => [
    ...new Set(links.filter((one) => one.state === state).map(({ link }) => link)),
  ];
  const parts = (['broken', 'warning'] as const).flatMap((state) => {
    const names = named(state);
    return names.length > 0 ? [`${state}: ${names.join(', ')}`] : [];
  });
  const fine = links.filter(({ state }) => state === 'ok').length;
  const rest =
    unused === 0 ? [] : [`${count(unused, 'link')} not in use (--all shows ${unused === 1 ? 'it' : 'them'})`];
  return [...parts, `${fine} of ${count(links.length - unused, 'link')} ok`, ...rest].join('; ');
}
