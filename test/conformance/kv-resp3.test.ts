/**
 * The types of replies, RESP3's and RESP2's: the same commands go to `ds kv serve` and to a real Redis, and the same types must come back. What is in
 * them is compared elsewhere (test/blocks/kv/redis/*-as-redis.test.ts).
 */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { type RedisServer, startRedisServer } from '../helpers/redis-server.js';
import { startDs } from '../helpers/run-ds.js';
import { waitFor } from '../helpers/wait-for.js';

/**
 * `%1{$ *2[$ ,]}`: a map from a bulk string to an array of a bulk string and a double. Simple strings and errors are told with their first word,
 * booleans with their value, verbatim strings with their format.
 */
class Shapes {
  #at = 0;

  constructor(private readonly text: string) {}

  /** All of them; undefined where the last one is not whole. */
  all(): readonly string[] | undefined {
    const shapes: string[] = [];
    try {
      while (this.#at < this.text.length) shapes.push(this.#next());
      return shapes;
    } catch (failure) {
      if (failure instanceof RangeError) return undefined;
      throw failure;
    }
  }

  #line(): string {
    const end = this.text.indexOf('\r\n', this.#at);
    if (end < 0) throw new RangeError('not whole');
    const line = this.text.slice(this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #bytes(count: number): string {
    const bytes = this.text.slice(this.#at, this.#at + count);
    this.#at += count + 2;
    if (this.#at > this.text.length) throw new RangeError('not whole');
    return bytes;
  }

  #next(): string {
    const line = this.#line();
    const [type = '', rest] = [line[0], line.slice(1)];
    if (':,(_'.includes(type)) return type;
    if (type === '#') return line;
    if (type === '+' || type === '-') return `${type}${rest.split(' ', 1)}`;
    if (Number(rest) < 0) return `${type}nil`;
    if (type === '$') return this.#bytes(Number(rest)) && '$';
    if (type === '=') return `=${this.#bytes(Number(rest)).slice(0, 3)}`;
    if (type === '%') return `%${rest}{${this.#items(2 * Number(rest))}}`;
    if ('*~>'.includes(type)) return `${type}${rest}[${this.#items(Number(rest))}]`;
    throw new Error(`no type of RESP3: ${JSON.stringify(line)}`);
  }

  #items(count: number): string {
    return Array.from({ length: count }, () => this.#next()).join(' ');
  }
}

class Peer {
  readonly #socket: Socket;
  #received = '';

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port });
    this.#socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
    });
    onTestFinished(() => void this.#socket.destroy());
  }

  /** The shapes of the answers, of one command each. */
  async ask(lines: readonly string[]): Promise<readonly string[]> {
    this.#received = '';
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''));
    return waitFor(
      () => {
        const shapes = new Shapes(this.#received).all();
        return shapes !== undefined && shapes.length === lines.length && shapes;
      },
      { what: `${lines.length} answers, ${JSON.stringify(this.#received)}` },
    );
  }
}

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  strings: [
    'SET s hello',
    'GET s',
    'GET none',
    'SET s a NX',
    'SET s b GET',
    'SET none c XX GET',
    'SETNX s x',
    'GETSET s hello',
    'GETSET g x',
    'GETEX s EX 100',
    'GETEX none',
    'GETDEL g',
    'GETDEL g',
    'GETRANGE s 0 1',
    'GETRANGE none 0 1',
    'SUBSTR s 0 1',
    'SETRANGE s 1 a',
    'APPEND s x',
    'STRLEN s',
    'MSET a ohmytext b mynewtext',
    'MSETNX a 1',
    'MGET a none b',
    'LCS a b',
    'LCS a b LEN',
    'LCS a b IDX WITHMATCHLEN',
    'LCS none b',
    'SET n 10',
    'INCR n',
    'DECRBY n 2',
    'INCRBYFLOAT n 0.5',
    'INCR n',
    'SETBIT bits 7 1',
    'GETBIT bits 7',
    'BITCOUNT bits',
    'BITPOS bits 1',
    'BITOP NOT other bits',
    'BITFIELD bits SET u8 0 255 GET u4 0',
    'BITFIELD bits OVERFLOW FAIL INCRBY u8 0 1',
    'BITFIELD_RO bits GET u8 0',
    'LLEN s',
  ],
  hashes: [
    'HSET h a 1 b 2 c 3',
    'HGETALL h',
    'HGETALL none',
    'HGET h a',
    'HGET h none',
    'HMGET h a none',
    'HMGET none a',
    'HMSET h d 4',
    'HKEYS h',
    'HVALS h',
    'HKEYS none',
    'HLEN h',
    'HSTRLEN h a',
    'HEXISTS h a',
    'HSETNX h a 1',
    'HINCRBY h a 1',
    'HINCRBYFLOAT h a 0.5',
    'HRANDFIELD h',
    'HRANDFIELD none',
    'HRANDFIELD h 2',
    'HRANDFIELD h 2 WITHVALUES',
    'HRANDFIELD h -2 WITHVALUES',
    'HRANDFIELD none 2 WITHVALUES',
    'HSCAN h 0',
    'HDEL h a',
  ],
  sets: [
    'SADD s a b c d',
    'SADD t b',
    'SMEMBERS s',
    'SMEMBERS none',
    'SISMEMBER s a',
    'SMISMEMBER s a x',
    'SMISMEMBER none a',
    'SCARD s',
    'SINTER s t',
    'SUNION s t',
    'SDIFF s t',
    'SINTER s none',
    'SINTERCARD 2 s t',
    'SUNIONSTORE u s t',
    'SRANDMEMBER s',
    'SRANDMEMBER none',
    'SRANDMEMBER s 2',
    'SRANDMEMBER s -5',
    'SRANDMEMBER none 2',
    'SMOVE s t a',
    'SSCAN s 0',
    'SPOP none',
    'SPOP none 2',
    'SPOP u 2',
    'SPOP u',
    'SREM s b',
  ],
  'sorted sets': [
    'ZADD z 1 a 2.5 b 3 c inf d',
    'ZADD z INCR 1 a',
    'ZADD z NX INCR 1 a',
    'ZADD z CH 2 a',
    'ZADD y 1 b',
    'ZSCORE z d',
    'ZSCORE z none',
    'ZSCORE none a',
    'ZMSCORE z a none d',
    'ZMSCORE none a',
    'ZINCRBY z 1 a',
    'ZCARD z',
    'ZCOUNT z -inf +inf',
    'ZLEXCOUNT z - +',
    'ZRANK z a',
    'ZRANK z none',
    'ZREVRANK z a',
    'ZRANGE z 0 -1',
    'ZRANGE z 0 -1 WITHSCORES',
    'ZRANGE none 0 -1 WITHSCORES',
    'ZRANGE z 0 +inf BYSCORE LIMIT 0 2 WITHSCORES',
    'ZREVRANGE z 0 1 WITHSCORES',
    'ZRANGEBYSCORE z 0 +inf WITHSCORES',
    'ZREVRANGEBYSCORE z +inf 0 WITHSCORES',
    'ZRANGEBYLEX z - +',
    'ZRANGESTORE w z 0 -1',
    'ZUNION 2 z y',
    'ZUNION 2 z y WITHSCORES',
    'ZINTER 2 z y WITHSCORES',
    'ZDIFF 2 z y WITHSCORES',
    'ZINTERCARD 2 z y',
    'ZUNIONSTORE v 2 z y',
    'ZRANDMEMBER z',
    'ZRANDMEMBER none',
    'ZRANDMEMBER z 2',
    'ZRANDMEMBER z 2 WITHSCORES',
    'ZRANDMEMBER z -2 WITHSCORES',
    'ZRANDMEMBER none 2 WITHSCORES',
    'ZSCAN z 0',
    'ZPOPMIN z',
    'ZPOPMAX z',
    'ZPOPMIN none',
    'ZPOPMIN none 2',
    'ZPOPMIN z 2',
    'ZMPOP 1 w MIN',
    'ZMPOP 1 w MAX COUNT 2',
    'ZMPOP 1 none MIN',
    'BZPOPMIN v 1',
    'BZPOPMAX none v 1',
    'BZMPOP 1 1 v MIN',
    'BZPOPMIN none 0.01',
    'BZMPOP 0.01 1 none MIN',
    'ZREM v a',
    'GET y',
  ],
  lists: [
    'RPUSH l a b c d e f',
    'LPUSHX none x',
    'LRANGE l 0 -1',
    'LRANGE none 0 -1',
    'LINDEX l 0',
    'LINDEX l 99',
    'LPOS l c',
    'LPOS l none',
    'LPOS l c COUNT 0',
    'LPOS none c COUNT 0',
    'LINSERT l BEFORE c x',
    'LSET l 0 y',
    'LPOP l',
    'LPOP none',
    'LPOP l 2',
    'LPOP l 0',
    'LPOP none 2',
    'LMPOP 1 l LEFT COUNT 2',
    'LMPOP 1 none LEFT',
    'LMOVE l m LEFT RIGHT',
    'LMOVE none m LEFT RIGHT',
    'RPOPLPUSH none m',
    'BLPOP m 1',
    'BLPOP none 0.01',
    'BRPOP none 0.01',
    'BLMOVE none m LEFT RIGHT 0.01',
    'BRPOPLPUSH none m 0.01',
    'BLMPOP 0.01 1 none LEFT',
    'LTRIM l 0 0',
    'SORT l ALPHA',
    'SORT none',
  ],
  keys: [
    'SET k v EX 100',
    'EXISTS k none',
    'TYPE k',
    'TYPE none',
    'TTL k',
    'PTTL none',
    'EXPIRETIME k',
    'PEXPIRETIME none',
    'PERSIST k',
    'EXPIRE k 100 NX',
    'EXPIREAT none 1',
    'COPY k l',
    'RENAME k l',
    'RENAME none x',
    'RENAMENX l k',
    'MOVE k 1',
    'KEYS *',
    'RANDOMKEY',
    'SET k v',
    'RANDOMKEY',
    'SCAN 0',
    'OBJECT ENCODING k',
    'OBJECT ENCODING none',
    'OBJECT REFCOUNT none',
    'OBJECT FREQ k',
    'TOUCH k',
    'UNLINK k',
    'DEL k',
    'DBSIZE',
    'SWAPDB 0 1',
    'FLUSHDB',
  ],
  transactions: [
    'MULTI',
    'SET k 1',
    'GET k',
    'GET none',
    'HGETALL none',
    'ZADD z 1 a',
    'ZSCORE z a',
    'LPUSH k a',
    'EXEC',
    'MULTI',
    'NOPE',
    'EXEC',
    'WATCH k',
    'SET k 2',
    'MULTI',
    'PING',
    'EXEC',
    'DISCARD',
  ],
  server: [
    'PING',
    'PING a',
    'ECHO a',
    'TIME',
    'LASTSAVE',
    'WAIT 0 1',
    'WAIT 1 1',
    'INFO server',
    'INFO nosuchsection',
    'CONFIG GET maxmemory',
    'CONFIG GET none',
    'CONFIG RESETSTAT',
    'COMMAND COUNT NOPE',
    'COMMAND INFO nope',
    'COMMAND GETKEYS GET k',
    'CLIENT ID',
    'CLIENT GETNAME',
    'CLIENT SETNAME me',
    'CLIENT GETNAME',
    'CLIENT INFO',
    'CLIENT LIST ID 0',
    'CLIENT LIST',
    'CLIENT TRACKINGINFO',
    'CLIENT GETREDIR',
    'CLIENT NO-EVICT ON',
    'CLIENT UNBLOCK 9999',
    'CLIENT KILL ID 9999',
    'CLIENT KILL 1.2.3.4:5',
    'CLIENT PAUSE 1',
    'CLIENT UNPAUSE',
    'CLIENT REPLY ON',
    'SELECT 1',
    'SELECT 0',
    'HELLO',
    'RESET',
  ],
};

describe.skipIf(!hasPackages('redis-server'))('types of replies, beside Redis', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.stop());

  async function shapes(port: number, protocol: 2 | 3, lines: readonly string[]): Promise<Record<string, unknown>> {
    const peer = new Peer(port);
    const [hello] = await peer.ask([`HELLO ${protocol}`]);
    expect(hello).toMatch(protocol === 3 ? /^%7/ : /^\*14/);
    expect(await peer.ask(['FLUSHALL'])).toEqual(['+OK']);
    const told = await peer.ask(lines);
    return Object.fromEntries(lines.map((line, at) => [`${at} ${line}`, told[at]]));
  }

  test.each([3, 2] as const)('RESP%i', async (protocol) => {
    const { ready } = await startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off']);
    const port = Number(new URL(ready.endpoints['redis'] ?? '').port);
    for (const lines of Object.values(FAMILIES)) {
      expect.soft(await shapes(port, protocol, lines)).toEqual(await shapes(redis.port, protocol, lines));
    }
  });
});
