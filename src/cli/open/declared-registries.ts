import { join } from 'node:path';
import { BundlesError } from '../../errors.js';
import type { Project, RegistrySettings } from '../../project/project.js';

export interface DeclaredRegistry extends RegistrySettings {
  /** What `caFile` is relative to. */
  readonly directory: string;
}

/** What all projects of a run say of registries. @throws CONFIG_INVALID where two of them disagree */
export function declaredRegistries(projects: readonly Project[]): ReadonlyMap<string, DeclaredRegistry> {
  const declared = new Map<string, DeclaredRegistry>();
  for (const { directory, file, registries } of projects) {
    for (const [host, settings] of registries) {
      const other = declared.get(host);
      if (other && textOf(other) !== textOf({ ...settings, directory })) {
        throw new BundlesError(
          'CONFIG_INVALID',
          `Cannot use the registry ${host} as ${JSON.stringify(file)} says: another project of this run says otherwise`,
          { hint: 'Make them agree, or run once for each project' },
        );
      }
      declared.set(host, { ...settings, directory });
    }
  }
  return declared;
}

function textOf(registry: DeclaredRegistry): string {
  const { plainHttp, caFile, directory, mirrors, insecureSkipTlsVerify, http2 } = registry;
  const file = caFile === undefined ? null : join(directory, caFile);
  return JSON.stringify([plainHttp, file, mirrors, insecureSkipTlsVerify, http2]);
}
