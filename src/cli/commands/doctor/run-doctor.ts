import { createKeychain } from '../../../auth/keychain.js';
import { diagnose } from '../../../doctor/diagnose.js';
import { exitCodes } from '../../exit-codes.js';
import type { Connection } from '../../open/connect.js';
import { readCatalogToken } from '../../open/open-catalog.js';
import { openConnection } from '../../open/open-connection.js';
import { openKubeconfig } from '../../open/open-kubeconfig.js';
import { optionOr } from '../../options/common-options.js';
import type { NetworkOptions } from '../../options/network-options.js';
import type { ProjectOptions } from '../../options/project-options.js';
import { createPaint } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { showDiagnosis } from './show-diagnosis.js';

export interface DoctorOptions extends ProjectOptions, NetworkOptions {
  readonly cluster: 'none' | 'kind';
  readonly context?: string;
  readonly catalogTokenFile?: string;
  readonly engine?: string;
  readonly minDisk?: number;
  readonly minMemory?: number;
}

/** A person waits: who asks again and again for 40 s learns no more. */
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
      catalogToken: await readCatalogToken(context, options),
      engine: options.engine,
      minDiskBytes: options.minDisk,
      minMemoryBytes: options.minMemory,
    });
    context.stdout.write(
      options.output === 'json'
        ? `${JSON.stringify(result, null, 2)}\n`
        : showDiagnosis(result, createPaint(context, 'stdout', options)),
    );
    const first = result.links.find(({ state }) => state === 'broken');
    session.exitCode = first ? exitCodes[first.code ?? 'UNEXPECTED'] : 0;
  } finally {
    await connection?.close();
  }
}
