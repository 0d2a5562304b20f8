import { createSocket } from 'node:dgram';
import { expect, onTestFinished, test } from 'vitest';
import { openSyslog } from '../../../../src/blocks/log/server/syslog-into-store.js';
import { DsError } from '../../../../src/platform/errors.js';
import { storageErrors } from '../../../../src/platform/store/errors.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';

const full = () => storageErrors.error('storage.full', 'no space');
const damaged = () => storageErrors.error('storage.corrupt', 'the file is damaged');

test('what passes is waited out, what does not is lost, counted and told, and so is what a stop leaves', async () => {
  const answers: (() => DsError)[] = [full, full, damaged];
  const said: string[] = [];
  const counted: string[] = [];
  const say = (fields: object | string, text?: string) =>
    said.push(typeof fields === 'string' ? fields : `${text} ${'entries' in fields ? fields.entries : ''}`.trim());
  const clock = new ManualClock();
  const stopping = new AbortController();
  const port = await openSyslog({
    address: { host: '127.0.0.1', port: 0 },
    ingest: {
      push: async () => {
        const error = answers.shift()?.();
        if (error !== undefined) throw error;
      },
    },
    metrics: {
      stored: (_protocol, entries) => counted.push(`stored ${entries}`),
      failed: (error, entries) => counted.push(`${error instanceof DsError ? error.code : error} ${entries}`),
    },
    clock,
    logger: { info: say, warn: say, error: say },
    stopping: stopping.signal,
  });
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  const send = () => socket.send('<13>x', port.address.port, '127.0.0.1');

  send();
  // The look for losses sleeps, too.
  await waitFor(() => answers.length === 2 && clock.sleeping === 2);
  clock.advance(1_000);
  await waitFor(() => answers.length === 1 && clock.sleeping === 2);
  answers.shift();
  clock.advance(1_000);
  await waitFor(() => counted.length === 1);
  answers.push(damaged, full, full);
  send();
  await waitFor(() => counted.length === 2);
  send();
  await waitFor(() => answers.length === 1 && clock.sleeping === 2);
  const closing = port.close();
  stopping.abort();
  await closing;
  expect(counted).toEqual(['stored 1', 'storage.corrupt 1', 'storage.full 1']);
  expect(said).toEqual([
    'entries that came by syslog cannot be stored yet, and are tried again',
    'entries that came by syslog are stored again',
    'entries that came by syslog are lost 1',
    'entries that came by syslog cannot be stored yet, and are tried again',
    'entries that came by syslog are lost 1',
  ]);
});
