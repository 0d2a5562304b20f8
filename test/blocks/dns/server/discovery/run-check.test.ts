import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { runCheck } from '../../../../../src/blocks/dns/server/discovery/run-check.js';

const place = { address: '127.0.0.1', port: undefined };
const hanging = { kind: 'command', command: 'exec sleep 60' } as const;

/** Memory that nobody holds is freed now, as it is sooner or later under load. */
function collecting(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this engine has no gc()');
  return () => collect();
}

test('a check that hangs ends in time, whatever is collected meanwhile', async () => {
  const collect = collecting();
  const repeat = setInterval(collect, 20);
  onTestFinished(() => clearInterval(repeat));
  const stop = new AbortController();
  expect(await runCheck(hanging, place, 300, stop.signal)).toBe('no answer within 300 ms');
});

test('a check ends with the daemon, also one that has not begun', async () => {
  const stop = new AbortController();
  const outcome = runCheck(hanging, place, 60_000, stop.signal);
  stop.abort();
  expect(await outcome).toBe('stopped');
  expect(await runCheck(hanging, place, 60_000, stop.signal)).toBe('stopped');
});
