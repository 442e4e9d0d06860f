import { type FileLockOptions, withFileLock } from './file-lock.js';

export interface HeldLock {
  release(): Promise<void>;
}

/** Takes a lock as withFileLock does and keeps it until it is released. @throws BUSY, NOT_WRITABLE, DISK_FULL */
export async function holdFileLock(path: string, options: FileLockOptions): Promise<HeldLock> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return new Promise((resolve, reject) => {
    const task = async () => {
      resolve({
        release() {
          release();
          return done;
        },
      });
      await released;
    };
    const done = withFileLock(path, task, options);
    done.catch(reject);
  });
}
