import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock as clock } from '../../../../src/platform/clock.js';
import { defineErrors } from '../../../../src/platform/errors.js';
import { createRespServer, error, type RespCommand } from '../../../../src/platform/protocol/resp/index.js';
import { connect, ErrorReply } from '../../../../src/platform/protocol/resp-client/connection.js';
import { identify } from '../../../../src/platform/protocol/resp-client/identify.js';
import { definePeer } from '../../../../src/platform/protocol/resp-client/peer.js';
import { defineScript, ScriptRunner } from '../../../../src/platform/protocol/resp-client/script.js';
import { parseRemoteUrl } from '../../../../src/platform/protocol/resp-client/url.js';

const errors = defineErrors({ 'shop.closed': { kind: 'no', meaning: 'Nobody is there.' } });
const peer = definePeer({ block: 'shop', noun: 'a shop', port: 6399, errors: errors.definitions });

const command = (name: string, handle: RespCommand['handle']): RespCommand => ({
  name,
  arity: -1,
  flags: [],
  summary: '',
  handle,
});

async function connectTo(commands: RespCommand[], bulkStrings: 'utf8' | 'latin1' = 'utf8', serverName = 'ds-shop') {
  const server = createRespServer({ commands, serverName, version: '1.0', clock, info: () => ({}) });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const address = parseRemoteUrl(`redis://127.0.0.1:${port}`, peer);
  const options = { clock, peer, bulkStrings, connectTimeoutMs: 2000, commandTimeoutMs: 2000 };
  const connection = await connect(address, options);
  onTestFinished(async () => {
    await connection.close();
    await server.stop(0);
  });
  return connection;
}

describe('a URL', () => {
  test('gives host, port, credentials and database; what is shown has no credentials', () => {
    expect(parseRemoteUrl('rediss://us%20er:p%40ss@example.test:7000/3', peer)).toEqual({
      tls: true,
      host: 'example.test',
      port: 7000,
      username: 'us er',
      password: 'p@ss',
      database: 3,
      shown: 'rediss://example.test:7000',
    });
    expect(parseRemoteUrl('redis://[::1]', peer)).toMatchObject({ tls: false, host: '::1', port: 6379, database: 0 });
  });

  test.each(['http://user:secret@host', 'redis://', 'redis://:secret@host/db', 'redis://:secret%@host', 'secret'])(
    '%s is refused without repeating it, with the URL of the block',
    (url) => {
      const refused = expect.objectContaining({
        code: 'peer.bad_url',
        message: expect.not.stringContaining('secret'),
        hint: '--url redis://127.0.0.1:6399 (or rediss:// for TLS)',
      });
      expect(() => parseRemoteUrl(url, peer)).toThrow(refused);
    },
  );
});

describe('a connection', () => {
  test('sends bytes as they are, and hands bulk strings on as UTF-8 or one character a byte', async () => {
    const bytes = Buffer.from([0x00, 0xff, 0xc3, 0xbc, 0x0d, 0x0a]);
    const echo = command('SAME', (_connection, [first]) => [first ?? null, 2n ** 62n, null]);
    const raw = await connectTo([echo], 'latin1');
    expect(await raw.send(['SAME', bytes])).toEqual([bytes.toString('latin1'), String(2n ** 62n), null]);
    const text = await connectTo([echo]);
    expect(await text.send(['SAME', 'ü\0'])).toEqual(['ü\0', String(2n ** 62n), null]);
  });

  test("knows the block's errors and the store's again; others stay error replies", async () => {
    const connection = await connectTo([
      command('BUY', () => {
        throw errors.error('shop.closed', 'the shop is closed', { hint: 'come at nine', details: { opens: 9 } });
      }),
      command('SELL', () => error('STORAGE.LOCKED', 'the file is locked')),
      command('LEND', () => error('LIBRARY.CLOSED', 'another block speaks so')),
    ]);
    await expect(connection.send(['BUY'])).rejects.toMatchObject({
      code: 'shop.closed',
      kind: 'no',
      hint: 'come at nine',
      details: { opens: 9 },
    });
    await expect(connection.send(['SELL'])).rejects.toMatchObject({ kind: 'storage' });
    await expect(connection.send(['LEND'])).rejects.toBeInstanceOf(ErrorReply);
  });

  test('asks who is there', async () => {
    expect(await identify(await connectTo([]), peer)).toEqual({ kind: 'ds', version: '1.0' });
    expect(await identify(await connectTo([], 'latin1', 'redis'), peer)).toMatchObject({ kind: 'redis' });
    expect(await identify(await connectTo([], 'latin1', 'valkey'), peer)).toMatchObject({ kind: 'valkey' });
    await expect(identify(await connectTo([], 'utf8', 'ds-library'), peer)).rejects.toMatchObject({
      code: 'peer.protocol',
      message: expect.stringContaining('is ds-library, not a shop'),
    });
  });
});

describe('a script', () => {
  const script = defineScript('return ARGV[1]');

  test('is called by its digest, and sent whole to a server that does not have it', async () => {
    const calls: string[][] = [];
    const called = (name: string, answer: RespCommand['handle']) =>
      command(name, (connection, args) => {
        calls.push([name, ...args.map(String)]);
        return answer(connection, args);
      });
    const connection = await connectTo([
      called('EVALSHA', () => error('NOSCRIPT', 'No matching script.')),
      called('EVAL', (_connection, args) => args.at(-1) ?? null),
    ]);
    expect(await new ScriptRunner(connection).run(script, ['key'], [7n])).toBe('7');
    expect(calls).toEqual([
      ['EVALSHA', script.digest, '1', 'key', '7'],
      ['EVAL', script.lua, '1', 'key', '7'],
    ]);
  });

  test.each([
    ['MOVED', '5798 127.0.0.1:7001', 'ask the node that has the keys: --url redis://127.0.0.1:7001'],
    ['READONLY', "You can't write against a read only replica.", undefined],
  ])('that is answered %s is refused, with what to do', async (code, message, hint) => {
    const connection = await connectTo([command('EVALSHA', () => error(code, message))]);
    await expect(new ScriptRunner(connection).run(script, [], [])).rejects.toMatchObject({
      code: 'peer.refused',
      message: expect.stringContaining(`${code} ${message}`),
      hint,
    });
  });
});
