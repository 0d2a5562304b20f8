import { expect, test } from 'vitest';
import { defineErrors } from '../../../../src/platform/errors.js';
import { error, type Reply, raw } from '../../../../src/platform/protocol/resp/index.js';
import { Waiting } from '../../../../src/platform/protocol/resp/waiting.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { command, RawClient, type Served, serve } from './serve.js';

const GONE = defineErrors({ 'test.gone': { kind: 'no', meaning: 'It is gone.' } }).error('test.gone', 'gone');

async function stats({ port }: Served, section = 'commandstats'): Promise<string[]> {
  const client = new RawClient(port);
  client.send(`INFO ${section}\r\nPING\r\n`);
  await waitFor(() => client.received.endsWith('+PONG\r\n'));
  return client.received.split('\r\n').filter((line) => line.startsWith('cmdstat_'));
}

test('INFO commandstats counts calls and those answered with an error, whichever way it comes', async () => {
  const served = await serve([
    command('RETURN', () => error('ERR', 'no')),
    command('BYTES', () => raw(Buffer.from('-ERR no\r\n'))),
    command('THROW', () => {
      throw GONE;
    }),
    command('REJECT', () => Promise.reject(GONE)),
    command('PROMISE', (): Promise<Reply> => Promise.resolve(error('ERR', 'no'))),
    command('WAITFOR', () => {
      const waiting = new Waiting();
      setImmediate(() => waiting.answer(error('ERR', 'no')));
      return waiting;
    }),
    command('NESTED', () => [error('ERR', 'no'), 1]),
    command('TWO', () => 2, { arity: 3 }),
    command('NEVER', () => 0),
  ]);
  const client = new RawClient(served.port);
  client.send('RETURN\r\nBYTES\r\nTHROW\r\nREJECT\r\nRETURN\r\nPROMISE\r\nWAITFOR\r\nNESTED\r\nECHO a\r\n');
  client.send('CLIENT REPLY OFF\r\nRETURN\r\nECHO a\r\nCLIENT REPLY ON\r\nNOPE\r\nTWO\r\n');
  await waitFor(() => client.received.endsWith("-ERR wrong number of arguments for 'two' command\r\n"));
  expect(await stats(served)).toEqual([
    'cmdstat_echo:calls=2,failed_calls=0',
    'cmdstat_client:calls=2,failed_calls=0',
    'cmdstat_info:calls=1,failed_calls=0',
    'cmdstat_return:calls=3,failed_calls=3',
    'cmdstat_bytes:calls=1,failed_calls=1',
    'cmdstat_throw:calls=1,failed_calls=1',
    'cmdstat_reject:calls=1,failed_calls=1',
    'cmdstat_promise:calls=1,failed_calls=1',
    'cmdstat_waitfor:calls=1,failed_calls=1',
    'cmdstat_nested:calls=1,failed_calls=0',
  ]);
  expect(await stats(served, 'all')).not.toEqual([]);
  expect(await stats(served, 'default')).toEqual([]);
  expect(await stats(served, '')).toEqual([]);
  served.server.resetCommandCounts();
  expect(await stats(served)).toEqual(['cmdstat_info:calls=1,failed_calls=0']);
});
