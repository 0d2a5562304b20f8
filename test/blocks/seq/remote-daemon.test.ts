import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRemoteSequencer, type RemoteSequencer } from '../../../src/blocks/seq/remote/index.js';
import { startSequencerServer } from '../../../src/blocks/seq/server.js';
import { systemClock } from '../../../src/platform/clock.js';
import type { RawOptions, RunningDaemon } from '../../../src/platform/daemon/block.js';
import { daemonContext } from '../../helpers/daemon-context.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';
import { describeSequencerContract } from './contract.js';

interface Daemon {
  readonly url: string;
  readonly running: RunningDaemon;
  stop(): Promise<void>;
}

async function startDaemon(options: RawOptions = {}): Promise<Daemon> {
  const folder = makeTemporaryFolder();
  const running = await startSequencerServer(
    { listen: '127.0.0.1:0', http: 'off', ...options },
    daemonContext({ home: folder.path, version: '1.2.3' }),
  );
  return {
    url: running.endpoints[0]?.url ?? '',
    running,
    stop: async () => {
      await running.stop(1000);
      folder.remove();
    },
  };
}

describeSequencerContract('a ds daemon', async () => {
  const daemon = await startDaemon();
  let sequencer = await openRemoteSequencer(daemon.url, { clock: systemClock });
  return {
    sequencer,
    reopen: async () => {
      await sequencer.close();
      sequencer = await openRemoteSequencer(daemon.url, { clock: systemClock });
      return sequencer;
    },
    cleanup: async () => {
      await sequencer.close();
      await daemon.stop();
    },
  };
});

describe('a sequencer in a ds daemon', () => {
  let daemon: Daemon;
  let sequencer: RemoteSequencer;

  beforeAll(async () => {
    daemon = await startDaemon();
    sequencer = await openRemoteSequencer(daemon.url, { clock: systemClock });
  });
  afterAll(async () => {
    await sequencer.close();
    await daemon.stop();
  });

  test('says what it is', () => {
    expect(sequencer.server).toEqual({ kind: 'ds', version: '1.2.3' });
    expect(sequencer.notices).toEqual([]);
  });

  test('makes IDs of a layout, rising, in the format asked for', async () => {
    const ids = (await sequencer.next?.('twitter', 1000)) ?? [];
    expect(ids).toHaveLength(1000);
    const numbers = ids.map(BigInt);
    expect(numbers).toEqual([...numbers].sort((a, b) => (a < b ? -1 : 1)));
    expect(await sequencer.next?.('twitter', 2, 'hex')).toEqual([
      expect.stringMatching(/^[0-9a-f]+$/),
      expect.stringMatching(/^[0-9a-f]+$/),
    ]);
  });

  test("brings the daemon's errors back whole: code, kind, message, hint and details", async () => {
    const error: unknown = await sequencer.next?.('no such layout', 1).catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: 'seq.unknown_layout',
      kind: 'usage',
      message: expect.stringMatching(/no such/),
    });
    const request = { space: 'x', workers: 1, holder: 'first', ttlMs: 60_000, skewMs: 0, reserveMs: 10 };
    const lease = await sequencer.workers.lease(request);
    await expect(sequencer.workers.lease({ ...request, worker: 0 })).rejects.toMatchObject({
      code: 'seq.worker_taken',
      kind: 'no',
      hint: expect.stringContaining('ds seq worker list'),
      details: { space: 'x', worker: 0, holder: 'first', free_at_ms: lease.expiresAt },
    });
  });
});
