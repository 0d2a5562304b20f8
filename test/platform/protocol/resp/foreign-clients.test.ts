import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createClient } from '@redis/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RespCommand } from '../../../../src/platform/protocol/resp/index.js';
import { hasPackages } from '../../../helpers/programs.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { command, serve } from './serve.js';

const run = promisify(execFile);

/** Counts at once, and in a later turn, as a store with group commit does. */
function counters(): { commands: RespCommand[]; count(): number } {
  let count = 0;
  const keyed = { arity: 2, firstKey: 1, flags: ['write', 'fast'] };
  return {
    commands: [
      command('INCR', () => ++count, keyed),
      command('LATER', () => new Promise((resolve) => setImmediate(resolve, ++count)), keyed),
    ],
    count: () => count,
  };
}

describe.skipIf(!hasPackages('redis-tools'))('redis-cli', () => {
  async function cli(port: number, ...args: string[]): Promise<string> {
    return (await run('redis-cli', ['-p', String(port), ...args])).stdout.trimEnd();
  }

  test('talks RESP2 and RESP3', async () => {
    const { port } = await serve(counters().commands);
    expect(await cli(port, 'PING')).toBe('PONG');
    expect(await cli(port, 'INCR', 'a')).toBe('1');
    expect(await cli(port, '-3', 'INCR', 'a')).toBe('2');
    expect(await cli(port, '-3', '--json', 'HELLO')).toContain('"server":"ds-test"');
    expect(await cli(port, 'INFO', 'server')).toMatch(/^# Server\r?\nredis_version:.*server_name:ds-test/s);
    expect(await cli(port, 'NOPE')).toBe("ERR unknown command 'NOPE', with args beginning with:");
  });

  test('authenticates', async () => {
    const { port } = await serve([], { password: Buffer.from('sesame') });
    expect(await cli(port, 'PING')).toBe('NOAUTH Authentication required.');
    expect(await cli(port, '--no-auth-warning', '-a', 'sesame', 'PING')).toBe('PONG');
  });

  test('is told about the commands: names, arity, flags, keys', async () => {
    const { port } = await serve(counters().commands);
    const count = Number(await cli(port, 'COMMAND', 'COUNT'));
    expect((await cli(port, 'COMMAND', 'LIST')).split('\n')).toHaveLength(count);
    expect(JSON.parse(await cli(port, '-3', '--json', 'COMMAND', 'INFO', 'incr', 'nope'))).toEqual([
      ['incr', 2, ['write', 'fast'], 1, 1, 1, [], [], [], []],
      null,
    ]);
    const docs = JSON.parse(await cli(port, '-3', '--json', 'COMMAND', 'DOCS', 'incr'));
    expect(docs).toEqual({ incr: { summary: 'For tests.', since: '1.0.0', group: 'ds-test' } });
    expect(await cli(port, 'COMMAND', 'GETKEYS', 'INCR', 'orders')).toBe('orders');
  });

  test.each(['1', '16'])('redis-benchmark -P %s gets an answer to everything', async (pipeline) => {
    const { commands, count } = counters();
    const { port, server } = await serve(commands);
    for (const name of ['INCR', 'LATER']) {
      const before = count();
      const args = ['-p', String(port), '-c', '20', '-n', '8000', '-P', pipeline, '-q', name, 'x'];
      const { stdout } = await run('redis-benchmark', args);
      expect(stdout).toMatch(/requests per second/);
      expect(count() - before).toBeGreaterThanOrEqual(8000);
    }
    await waitFor(() => server.connections === 0);
    expect(server.pending).toBe(0);
  });
});

describe('@redis/client', () => {
  test.each([2, 3] as const)('connects with RESP%i, pipelines, and names itself', async (RESP) => {
    const { port, server } = await serve(counters().commands, { password: Buffer.from('sesame') });
    const client = createClient({ url: `redis://:sesame@127.0.0.1:${port}`, RESP, name: 'tester' });
    await client.connect();
    const numbers = await Promise.all(Array.from({ length: 500 }, () => client.incr('a')));
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    expect(await client.sendCommand(['CLIENT', 'INFO'])).toMatch(/name=tester .*lib-name=node-redis lib-ver=\d/);
    expect(await client.sendCommand(['CLIENT', 'LIST', 'ID', '1'])).toMatch(new RegExp(`^id=1 .*resp=${RESP}`));
    await client.close();
    await waitFor(() => server.connections === 0);
  });

  test('sees binary arguments unchanged', async () => {
    const { port } = await serve();
    const client = createClient({ url: `redis://127.0.0.1:${port}`, RESP: 2 });
    onTestFinished(() => client.destroy());
    await client.connect();
    const text = '\0\r\n$5\r\n☃\u{10ffff}';
    expect(await client.echo(text)).toBe(text);
  });
});

test('a stopped server leaves nothing behind that keeps the process alive', async () => {
  const script = `
    import { createRespServer } from './src/platform/protocol/resp/index.js';
    import { systemClock } from './src/platform/clock.js';
    import { connect } from 'node:net';
    const server = createRespServer({ commands: [], serverName: 'x', version: '0', clock: systemClock, info: () => ({}) });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\\r\\n'));
    socket.once('data', () => server.stop(1000).then(() => console.log('stopped')));
  `;
  const { build } = await import('esbuild');
  const bundle = await build({
    stdin: { contents: script, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  const code = bundle.outputFiles[0]?.text ?? '';
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { timeout: 10_000 });
  expect(stdout).toBe('stopped\n');
});
