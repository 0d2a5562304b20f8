import type { BlobStore } from '../../../../src/blocks/blob/blob-store.js';
import { openRemoteBlobStore } from '../../../../src/blocks/blob/remote/index.js';
import { startBlobServer } from '../../../../src/blocks/blob/server.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { daemonContext } from '../../../helpers/daemon-context.js';
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
  const daemon = await startBlobServer({ listen: '127.0.0.1:0' }, daemonContext({ home: folder.path }));
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
