/** Where the built entry of a worker thread is. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * `worker`: its path in the bundle, as `src/blocks/blob/store/ingest/worker.js`. It is in the folder of the bundle that this is in, or, run from
 * sources, in the `dist` beside them.
 */
export function workerEntry(worker: string): URL {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    for (const candidate of [join(folder, worker), join(folder, 'dist', worker)])
      if (existsSync(candidate)) return pathToFileURL(candidate);
  }
  throw new Error(`${worker} is not built: node build.js`);
}
