import { join } from 'node:path';
import { describe } from 'vitest';
import { startKvServer } from '../../../src/blocks/kv/server.js';
import { daemonContext } from '../../helpers/daemon-context.js';
import { hasPackages } from '../../helpers/programs.js';
import { startRedisServer } from '../../helpers/redis-server.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';
import { describeStoreContract } from './contract.js';

describeStoreContract('a file', async () => {
  const folder = makeTemporaryFolder();
  return {
    target: { kind: 'file', path: join(folder.path, 'kv.db') },
    hasRevisions: true,
    cleanup: async () => folder.remove(),
  };
});

describeStoreContract('the daemon', async () => {
  const folder = makeTemporaryFolder();
  const daemon = await startKvServer(
    { listen: '127.0.0.1:0', admin: 'off' },
    daemonContext({ home: folder.path, version: '1.2.3' }),
  );
  return {
    target: { kind: 'url', url: daemon.endpoints[0]?.url ?? '' },
    hasRevisions: true,
    cleanup: async () => {
      await daemon.stop(1_000);
      folder.remove();
    },
  };
});

describe.skipIf(!hasPackages('redis-server'))('beside ours', () => {
  describeStoreContract('a Redis', async () => {
    const server = await startRedisServer();
    return { target: { kind: 'url', url: server.url }, hasRevisions: false, cleanup: () => server.stop() };
  });
});
