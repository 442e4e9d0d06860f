import { join } from 'node:path';

export function notesDirectory(root: string): string {
  return join(root, '.serving');
}
