import { describe, expect, test } from 'vitest';
import { bytes, OK } from '../../../../src/platform/protocol/resp/index.js';
import { Waiting } from '../../../../src/platform/protocol/resp/waiting.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { command, RawClient, type Served, serve } from './serve.js';

/** A connection that is there, with the number and the address that the server knows it by. */
async function connected({ port }: Served): Promise<{ client: RawClient; id: string; address: string }> {
  const client = new RawClient(port);
  client.send('CLIENT ID\r\n');
  await waitFor(() => client.received.endsWith('\r\n'));
  const id = client.received.slice(1, -2);
  client.received = '';
  return { client, id, address: `127.0.0.1:${client.socket.localPort}` };
}

describe('CLIENT KILL', () => {
  test('by address, number, own address, type and user ends others, and tells how many', async () => {
    const served = await serve();
    const { client: killer } = await connected(served);
    const own = `127.0.0.1:${served.port}`;
    const ways = [
      ({ address }: { address: string }) => [address, '+OK'],
      ({ address }: { address: string }) => [`ADDR ${address}`, ':1'],
      ({ id }: { id: string }) => [`ID ${id}`, ':1'],
      ({ id }: { id: string }) => [`id ${id} laddr ${own} type NORMAL user default skipme yes`, ':1'],
      () => [`LADDR ${own}`, ':1'],
      () => ['TYPE normal', ':1'],
    ];
    for (const way of ways) {
      const victim = await connected(served);
      const [how, answer] = way(victim);
      killer.send(`CLIENT KILL ${how}\r\n`);
      await killer.expect(`${answer}\r\n`);
      expect(await victim.client.untilEnded()).toBe('');
    }
    killer.send('CLIENT KILL TYPE pubsub\r\nCLIENT KILL ID 1 ID 2\r\nCLIENT KILL USER nobody\r\n');
    await killer.expect(":0\r\n:0\r\n-ERR No such user 'nobody'\r\n");
  });

  test('spares the one that asks unless told otherwise, and lets it have its answer', async () => {
    const served = await serve();
    const { client, id, address } = await connected(served);
    client.send(`CLIENT KILL ID ${id}\r\nCLIENT KILL ID ${id} SKIPME yes\r\n`);
    await client.expect(':0\r\n:0\r\n');
    client.send(`CLIENT KILL ID ${id} SKIPME no\r\nPING\r\n`);
    expect(await client.untilEnded()).toBe(':1\r\n');
    const other = await connected(served);
    other.client.send(`CLIENT KILL ${other.address}\r\nPING\r\n`);
    expect(await other.client.untilEnded()).toBe('+OK\r\n');
    expect(address).not.toBe(other.address);
  });

  test('by age', async () => {
    const clock = new ManualClock();
    const served = await serve([], { clock });
    const old = await connected(served);
    clock.advance(5000);
    const young = await connected(served);
    young.client.send('CLIENT KILL MAXAGE 6 SKIPME no\r\nCLIENT KILL MAXAGE 5 SKIPME no\r\nPING\r\n');
    await young.client.expect(':0\r\n:1\r\n+PONG\r\n');
    expect(await old.client.untilEnded()).toBe('');
    young.client.send('CLIENT KILL MAXAGE 9999999999999999999 ID 1\r\nCLIENT KILL MAXAGE 0 ID 1\r\n');
    await young.client.expect(
      '-ERR maxage is not an integer or out of range\r\n-ERR maxage should be greater than 0\r\n',
    );
  });

  test('takes effect at once: the dead are not listed, not killed again, and given nothing', async () => {
    const waiting = new Set<Waiting>();
    const wait = command('WAITFOR', () => {
      const one = new Waiting();
      waiting.add(one);
      one.onLeft = () => waiting.delete(one);
      return one;
    });
    const give = command('GIVE', () => waiting.size);
    const served = await serve([wait, give]);
    const { client, id } = await connected(served);
    const { client: killer } = await connected(served);
    client.send('WAITFOR\r\n');
    await waitFor(() => waiting.size === 1);
    killer.send(`GIVE\r\nCLIENT KILL ID ${id}\r\nCLIENT KILL ID ${id}\r\nCLIENT LIST ID ${id}\r\nGIVE\r\n`);
    await killer.expect(':1\r\n:1\r\n:0\r\n$0\r\n\r\n:0\r\n');
    expect(await client.untilEnded()).toBe('');
  });

  test('drops what was not yet sent', async () => {
    const big = bytes('x'.repeat(30_000_000));
    const served = await serve([command('BIG', () => big), command('DONE', () => OK)]);
    const { client, id } = await connected(served);
    const { client: killer } = await connected(served);
    client.socket.pause();
    client.send('BIG\r\n');
    await waitFor(() => client.socket.readableLength > 0);
    killer.send(`CLIENT KILL ID ${id}\r\n`);
    await killer.expect(':1\r\n');
    await waitFor(() => served.server.connections === 1);
  });

  test("refuses what Redis refuses, in Redis's words", async () => {
    const served = await serve();
    const { client } = await connected(served);
    const cases: [request: string, reply: string][] = [
      ['', "wrong number of arguments for 'client|kill' command"],
      ['1.2.3.4:5', 'No such client'],
      ['ID', 'No such client'],
      ['ID 0', 'client-id should be greater than 0'],
      ['ID x', 'client-id should be greater than 0'],
      ['ID 9223372036854775808', 'client-id should be greater than 0'],
      ['TYPE Nope', "Unknown client type 'Nope'"],
      ['SKIPME maybe', 'syntax error'],
      ['NOPE x', 'syntax error'],
      ['constructor x', 'syntax error'],
      ['ID 99 ADDR', 'syntax error'],
    ];
    for (const [request, reply] of cases) {
      client.send(`CLIENT KILL ${request}\r\n`);
      await client.expect(`-ERR ${reply}\r\n`);
    }
  });
});
