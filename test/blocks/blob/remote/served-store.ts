/** A daemon in this process on a file of its own, and a store that asks it by its URL. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { BlobStore } from '../../../../src/blocks/blob/blob-store.js';
import { openRemoteBlobStore } from '../../../../src/blocks/blob/remote/index.js';
import { startBlobServer } from '../../../../src/blocks/blob/server.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { makeTemporaryFolder } from '../../../helpers/temporary-folder.js';

export interface ServedStore {
  readonly store: BlobStore;
  readonly url: string;
  readonly home: string;
  /** A further store on the same daemon. */
  open(signal?: AbortSignal): Promise<BlobStore>;
  /** Stops the daemon alone. */
  stop(): Promise<void>;
  cleanup(): Promise<void>;
}

/** It signs with the credentials that the daemon has made in its home, as commands on the same machine do. */
export async function serveStore(): Promise<ServedStore> {
  const folder = makeTemporaryFolder();
  const daemon = await startBlobServer(
    { listen: '127.0.0.1:0' },
    {
      clock: systemClock,
      random: systemRandom,
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
      home: folder.path,
      machine: 'this machine',
      environment: {},
      version: '0.0.0',
    },
  );
  const url = `s3+${daemon.endpoints[0]?.url ?? ''}`;
  const context = { clock: systemClock, env: { HOME: folder.path }, home: folder.path };
  const open = (signal?: AbortSignal) => openRemoteBlobStore(url, { ...context, signal });
  const store = await open();
  let stopped = false;
  const stop = async () => {
    if (!stopped) await daemon.stop(1_000);
    stopped = true;
  };
  return {
    store,
    url,
    home: folder.path,
    open,
    stop,
    async cleanup() {
      await store.close();
      await stop();
      folder.remove();
    },
  };
}
