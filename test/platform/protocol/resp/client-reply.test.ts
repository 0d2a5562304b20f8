import { describe, expect, test } from 'vitest';
import { error, type Reply } from '../../../../src/platform/protocol/resp/index.js';
import type { TaggedReply } from '../../../../src/platform/protocol/resp/reply.js';
import { Waiting } from '../../../../src/platform/protocol/resp/waiting.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { command, RawClient, serve } from './serve.js';

describe('CLIENT REPLY', () => {
  test.each([
    ['ON', '+OK\r\n'],
    ['maybe', '-ERR syntax error\r\n'],
    ['SKIP\r\nPING\r\nECHO a', '$1\r\na\r\n'],
    ['SKIP\r\nNOPE\r\nECHO a', '$1\r\na\r\n'],
    ['SKIP\r\nECHO\r\nECHO a', '$1\r\na\r\n'],
    ['SKIP\r\nCLIENT REPLY SKIP\r\nPING\r\nECHO a', '$1\r\na\r\n'],
    ['SKIP\r\nCLIENT REPLY ON\r\nECHO a', '+OK\r\n$1\r\na\r\n'],
    ['OFF\r\nPING\r\nNOPE\r\nCLIENT REPLY SKIP\r\nPING\r\nCLIENT REPLY ON\r\nECHO a', '+OK\r\n$1\r\na\r\n'],
    ['OFF\r\nRESET\r\nECHO a', '+RESET\r\n$1\r\na\r\n'],
    ['SKIP\r\nRESET\r\nECHO a', '$1\r\na\r\n'],
  ])('%j', async (lines, replies) => {
    const { port } = await serve();
    const client = new RawClient(port);
    client.send(`CLIENT REPLY ${lines}\r\n`);
    await client.expect(replies);
  });

  test('leaves out answers that come later, and keeps the order of the others', async () => {
    const promised: ((reply: Reply) => void)[] = [];
    const waiting: Waiting[] = [];
    const { port } = await serve([
      command('SLOW', () => new Promise<Reply>((resolve) => promised.push(resolve))),
      command('WAITFOR', () => {
        const one = new Waiting();
        waiting.push(one);
        return one;
      }),
    ]);
    const client = new RawClient(port);
    client.send('SLOW\r\nCLIENT REPLY SKIP\r\nSLOW\r\nSLOW\r\n');
    await waitFor(() => promised.length === 3);
    promised[1]?.('left out');
    promised[2]?.('third');
    promised[0]?.('first');
    await client.expect('$5\r\nfirst\r\n$5\r\nthird\r\n');
    client.send('CLIENT REPLY SKIP\r\nWAITFOR\r\nPING\r\n');
    await waitFor(() => waiting.length === 1);
    waiting[0]?.answer('left out');
    await client.expect('+PONG\r\n');
  });

  test('OFF closes after QUIT all the same', async () => {
    const { port, server } = await serve();
    const client = new RawClient(port);
    client.send('PING\r\nCLIENT REPLY OFF\r\nPING\r\nQUIT\r\n');
    expect(await client.untilEnded()).toBe('+PONG\r\n');
    await waitFor(() => server.connections === 0);
  });

  test('a turn that fails tells as many failures as there would have been answers', async () => {
    const settle: ((failure?: TaggedReply) => void)[] = [];
    const end = (settled: (failure?: TaggedReply) => void) => {
      settle.push(settled);
      return true;
    };
    const { port } = await serve([command('WRITE', () => 1, { ofTurn: true })], { turns: { end } });
    const client = new RawClient(port);
    client.send('WRITE\r\nCLIENT REPLY SKIP\r\nWRITE\r\nWRITE\r\n');
    await waitFor(() => settle.length === 1);
    settle[0]?.(error('MISCONF', 'disk is full'));
    await client.expect('-MISCONF disk is full\r\n'.repeat(2));
  });
});
