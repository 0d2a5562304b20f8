/** What a peer can say that no client says: of every byte that it can send, none may be taken that is not right, or cost more than it is worth. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chunkSigner, EMPTY, type Keys, sha256, signedHead } from '../helpers/blob-sign.js';
import { startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

interface Daemon {
  readonly port: number;
  readonly host: string;
  readonly pid: number;
}

const MAIN: Keys = { id: 'KEYOFMAIN', secret: 'secret of main' };
const OTHER: Keys = { id: 'KEYOFOTHER', secret: 'secret of other' };

async function start(): Promise<Daemon> {
  const folder = temporaryFolder();
  const file = join(folder, 'credentials');
  const section = (name: string, { id, secret }: Keys) =>
    `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
  writeFileSync(file, section('main', MAIN) + section('other', OTHER), { mode: 0o600 });
  const place = ['--listen', '127.0.0.1:0', '--credentials-file', file, '--db', join(folder, 'blob.db')];
  const { ready } = await startDs(['blob', 'serve', '--admin', 'off', ...place]);
  const { host, port } = new URL(ready.endpoints['s3'] ?? '');
  return { host, port: Number(port), pid: ready.pid };
}

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly payload?: string;
  /** Undefined: nobody. */
  readonly keys?: Keys | undefined;
  /** Changes what was signed. */
  readonly forge?: (head: string) => string;
}

/** All that a connection of its own brings for these bytes until the server ends it. */
function send({ port }: Daemon, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', () => {});
    socket.once('close', () => resolve(answer));
    socket.write(bytes, 'latin1');
  });
}

function headOf({ host }: Daemon, method: string, target: string, asked: Asked): string {
  const { body, keys, payload = body === undefined ? EMPTY : sha256(body) } = asked;
  const length: Record<string, string> = body === undefined ? {} : { 'content-length': `${body.length}` };
  const headers = { ...length, connection: 'close', ...asked.headers };
  if (keys !== undefined) {
    const [path = '', query = ''] = target.split('?');
    return signedHead({ method, path, query, host, headers, payload }, keys).toString('latin1');
  }
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** S3's code of a refusal, the status, or the body of what was read. */
async function ask(daemon: Daemon, method: string, target: string, asked: Asked = {}): Promise<string> {
  const { body = '', forge = (text) => text } = asked;
  return codeIn(await send(daemon, forge(headOf(daemon, method, target, asked)) + body));
}

function codeIn(answer: string): string {
  return /<Code>(\w+)/.exec(answer)?.[1] ?? answer.slice(9, 12);
}

const memory = ({ pid }: Daemon) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Milliseconds of processor time, in hundredths of a second. */
function cpu({ pid }: Daemon): number {
  const [, , , , , , , , , , , user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(user) + Number(system)) * 10;
}

test('a signature holds for what was signed, and for nothing else', async () => {
  const daemon = await start();
  const main = { keys: MAIN };
  expect(await ask(daemon, 'PUT', '/shop', { ...main, body: '' })).toBe('200');
  const put = { ...main, body: 'hello' };
  expect(await ask(daemon, 'PUT', '/shop/a', put)).toBe('200');
  const add = (line: string) => (head: string) => head.replace(/\r\n\r\n$/, `\r\n${line}\r\n\r\n`);
  const again = (name: string) => (head: string) => add(new RegExp(`^${name}: .*$`, 'im').exec(head)?.[0] ?? '')(head);
  for (const [forge, code] of [
    [(head: string) => head, '200'],
    [(head: string) => head.replace('/shop/a', '/shop/b'), 'SignatureDoesNotMatch'],
    [(head: string) => head.replace('/shop/a', '/shop/a?acl'), 'SignatureDoesNotMatch'],
    [(head: string) => head.replace('/shop/a', '/shop/a?X-Amz-Algorithm=AWS4-HMAC-SHA256'), 'InvalidArgument'],
    [(head: string) => head.replace(/;x-amz-date,/, ','), 'AccessDenied'],
    [(head: string) => head.replace(/SignedHeaders=.*?,/, 'SignedHeaders=x-amz-date,'), 'AuthorizationHeaderMalformed'],
    [(head: string) => head.replace(/\/us-east-1\//, '/eu-west-1/'), 'AuthorizationHeaderMalformed'],
    [(head: string) => head.replace(/\/s3\//, '/iam/'), 'AuthorizationHeaderMalformed'],
    [(head: string) => head.replace(/KEYOFMAIN/, 'KEYOFOTHER'), 'SignatureDoesNotMatch'],
    [add('x-amz-acl: public-read'), 'AccessDenied'],
    [add('X-AMZ-COPY-SOURCE: /shop/a'), 'AccessDenied'],
    [again('authorization'), 'AuthorizationHeaderMalformed'],
    [again('x-amz-date'), 'AuthorizationHeaderMalformed'],
    [again('host'), 'BadRequest'],
  ] as const) {
    expect([forge.toString(), await ask(daemon, 'PUT', '/shop/a', { ...put, forge })]).toEqual([
      forge.toString(),
      code,
    ]);
  }
  for (const payload of ['', 'unsigned-payload', sha256('hello').toUpperCase(), 'STREAMING-UNSIGNED-PAYLOAD'])
    expect(await ask(daemon, 'PUT', '/shop/b', { ...put, payload })).toMatch(/InvalidRequest|NotImplemented/);
  expect(await ask(daemon, 'PUT', '/shop/b', { ...put, payload: sha256('other') })).toBe('XAmzContentSHA256Mismatch');
  expect(await ask(daemon, 'GET', '/shop/b', main)).toBe('NoSuchKey');
});

test('signed chunks are taken whole, in their order, with the trailer that was announced', async () => {
  const daemon = await start();
  expect(await ask(daemon, 'PUT', '/shop', { keys: MAIN, body: '' })).toBe('200');
  const trailer = 'x-amz-checksum-crc32:NhCmhg==';
  type Frames = { readonly chunks: string[]; last: string; trailer: string; signature: string };
  const put = async (change: (frames: Frames) => unknown, announced = 'x-amz-checksum-crc32', size = 5) => {
    const head = headOf(daemon, 'PUT', '/shop/a', {
      keys: MAIN,
      payload: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      headers: {
        'transfer-encoding': 'chunked',
        'x-amz-decoded-content-length': `${size}`,
        'x-amz-trailer': announced,
      },
    });
    const sign = chunkSigner(Buffer.from(head, 'latin1'), MAIN);
    const frame = (text: string) => `${text.length.toString(16)};chunk-signature=${sign('PAYLOAD', text)}\r\n`;
    const frames: Frames = {
      chunks: ['he', 'l', 'lo'].map((text) => `${frame(text)}${text}\r\n`),
      last: frame(''),
      trailer: `${trailer}\r\n`,
      signature: `x-amz-trailer-signature:${sign('TRAILER', `${trailer}\n`)}\r\n`,
    };
    change(frames);
    const { chunks, last, trailer: line, signature } = frames;
    const body = `${chunks.join('')}${last}${line}${signature}\r\n`;
    return codeIn(await send(daemon, `${head}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`));
  };
  const swapped = (text = '') => text.replace(/=(.)/, (_, digit: string) => `=${digit === '0' ? '1' : '0'}`);
  for (const [change, code] of [
    [({ chunks }: Frames) => chunks.reverse(), 'SignatureDoesNotMatch'],
    [({ chunks }: Frames) => chunks.splice(1, 1), 'SignatureDoesNotMatch'],
    [({ chunks }: Frames) => chunks.splice(1, 0, chunks[0] ?? ''), 'SignatureDoesNotMatch'],
    [({ chunks }: Frames) => chunks.splice(0, 1, swapped(chunks[0])), 'SignatureDoesNotMatch'],
    [({ chunks }: Frames) => chunks.splice(2, 1, swapped(chunks[2])), 'SignatureDoesNotMatch'],
    [(frames: Frames) => Object.assign(frames, { last: swapped(frames.last) }), 'SignatureDoesNotMatch'],
    [
      (frames: Frames) => Object.assign(frames, { last: '', trailer: '', signature: '' }),
      /IncompleteBody|InvalidRequest/,
    ],
    [(frames: Frames) => Object.assign(frames, { signature: '' }), 'SignatureDoesNotMatch'],
    [(frames: Frames) => Object.assign(frames, { trailer: '' }), 'InvalidRequest'],
    [
      (frames: Frames) => Object.assign(frames, { trailer: 'x-amz-checksum-crc32:AAAAAA==\r\n' }),
      'SignatureDoesNotMatch',
    ],
    [(frames: Frames) => Object.assign(frames, { trailer: frames.trailer.repeat(2) }), 'InvalidRequest'],
    [(frames: Frames) => Object.assign(frames, { last: `-${frames.last}` }), 'InvalidRequest'],
    [(frames: Frames) => Object.assign(frames, { last: `0x${frames.last}` }), 'InvalidRequest'],
    [
      ({ chunks }: Frames) => chunks.unshift(`fffffffffffffff;chunk-signature=${'0'.repeat(64)}\r\n`),
      /IncompleteBody|InvalidRequest/,
    ],
    [({ chunks }: Frames) => chunks.unshift(`1;${'x'.repeat(9_000)}\r\n`), 'InvalidRequest'],
  ] as const) {
    expect([change.toString(), await put(change)]).toEqual([
      change.toString(),
      code instanceof RegExp ? expect.stringMatching(code) : code,
    ]);
  }
  expect(await put(() => {}, 'x-amz-checksum-sha256')).toBe('InvalidRequest');
  expect(await put(() => {}, undefined, 4)).toBe('IncompleteBody');
  expect(await put(() => {}, undefined, 6)).toBe('IncompleteBody');
  expect(await ask(daemon, 'GET', '/shop/a', { keys: MAIN })).toBe('NoSuchKey');
  expect(await put(() => {})).toBe('200');
  expect(await ask(daemon, 'GET', '/shop/a', { keys: MAIN })).toBe('200');
});

test('what is no single request is answered by 400 or not at all, and what comes after a body is the next request', async () => {
  const daemon = await start();
  const main = { keys: MAIN };
  expect(await ask(daemon, 'PUT', '/shop', { ...main, body: '', headers: { 'x-amz-acl': 'public-read-write' } })).toBe(
    '200',
  );
  for (const [lines, body] of [
    ['Host: x\r\nContent-Length: 5\r\nContent-Length: 5', 'hello'],
    ['Host: x\r\nContent-Length: 5\r\nContent-Length: 6', 'hello'],
    ['Host: x\r\nContent-Length: 5, 5', 'hello'],
    ['Host: x\r\nContent-Length: +5', 'hello'],
    ['Host: x\r\nContent-Length: 0x5', 'hello'],
    ['Host: x\r\nContent-Length: -1', 'hello'],
    ['Host: x\r\nContent-Length : 5', 'hello'],
    ['Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'],
    ['Host: x\r\nTransfer-Encoding: chunked, identity', '0\r\n\r\n'],
    ['Host: x\r\nTransfer-Encoding: xchunked', '0\r\n\r\n'],
    ['Host: x\r\nX-A: b\r\n folded\r\nContent-Length: 5', 'hello'],
    ['Host: x\r\nX-A: b\0c\r\nContent-Length: 5', 'hello'],
    ['Host: x\r\nHost: y\r\nConnection: close\r\nContent-Length: 5', 'hello'],
    ['Content-Length: 5', 'hello'],
  ] as const) {
    const answer = await send(daemon, `PUT /shop/smuggled HTTP/1.1\r\n${lines}\r\n\r\n${body}`);
    expect([lines, answer.slice(9, 12)]).toEqual([lines, expect.stringMatching(/^(400)?$/)]);
  }
  expect(await ask(daemon, 'HEAD', '/shop/smuggled', main)).toBe('404');
  const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  const keep = { ...main, headers: { connection: 'keep-alive' } };
  const get = headOf(daemon, 'GET', '/shop/long', main);
  // A long body is read past the parser, which has to find the next request all the same.
  const long = 'x'.repeat(1_000_000);
  const put = headOf(daemon, 'PUT', '/shop/long', { ...keep, body: long });
  const whole = await send(daemon, put + long + get);
  expect(statuses(whole)).toEqual(['200', '200']);
  expect(whole.endsWith(long)).toBe(true);
  // Of a request that is refused the body is read over.
  const refused = put.replace('/shop/long', '/shop/other');
  expect(statuses(await send(daemon, refused + long + get))).toEqual(['403', '200']);
  const byte = { connection: 'keep-alive', range: 'bytes=0-0' };
  const withBody = headOf(daemon, 'GET', '/shop/long', { ...main, headers: { ...byte, 'content-length': '5' } });
  expect(statuses(await send(daemon, `${withBody}GET /${get}`))).toEqual(['206', '200']);
  // However many are sent at once: they are answered in turn, or the connection ends.
  const asked = headOf(daemon, 'GET', '/shop/long', { ...main, headers: byte });
  expect(statuses(await send(daemon, asked.repeat(20) + get))).toEqual([...Array<string>(20).fill('206'), '200']);
  expect(statuses(await send(daemon, 'GET /shop HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500))).length).toBeLessThan(500);
});

test('a grant on a bucket is for what it says', async () => {
  const daemon = await start();
  const main = { keys: MAIN };
  const id = /<ID>(\w+)/.exec(await send(daemon, headOf(daemon, 'GET', '/', { keys: OTHER })))?.[1];
  const may: Readonly<Record<string, RegExp>> = {
    read: /^(?:GET|HEAD) BUCKET(?:\?versions|\?uploads|\?list-type=2)?$/,
    write: /^(?:PUT BUCKET\/new|POST BUCKET\/m\?uploads|DELETE BUCKET\/a)$/,
    'read-acp': /^GET BUCKET\?acl$/,
    'write-acp': /^PUT BUCKET\?acl$/,
  };
  for (const [grant, allowed] of Object.entries(may)) {
    const bucket = `/of-${grant}`;
    const headers = { [`x-amz-grant-${grant}`]: `id=${id}` };
    expect(await ask(daemon, 'PUT', bucket, { ...main, body: '', headers })).toBe('200');
    expect(await ask(daemon, 'PUT', `${bucket}/a`, { ...main, body: 'secret' })).toBe('200');
    for (const operation of [
      ...['GET BUCKET', 'GET BUCKET?versions', 'GET BUCKET?uploads', 'GET BUCKET?list-type=2', 'HEAD BUCKET'],
      ...['GET BUCKET?acl', 'GET BUCKET?cors', 'GET BUCKET?lifecycle', 'GET BUCKET?tagging', 'GET BUCKET?versioning'],
      ...[
        'PUT BUCKET?cors',
        'PUT BUCKET?versioning',
        'PUT BUCKET?publicAccessBlock',
        'DELETE BUCKET?ownershipControls',
      ],
      ...['GET BUCKET/a', 'HEAD BUCKET/a', 'GET BUCKET/a?acl', 'GET BUCKET/a?tagging', 'PUT BUCKET/a?acl'],
      ...['PUT BUCKET/new', 'PUT BUCKET/copied', 'POST BUCKET/m?uploads', 'PUT BUCKET?acl'],
      ...['DELETE BUCKET/a?versionId=null', 'DELETE BUCKET/a', 'DELETE BUCKET'],
    ]) {
      const [method = '', target = ''] = operation.replace('BUCKET', bucket).split(' ');
      const body = method === 'PUT' || method === 'POST' ? { body: '' } : {};
      const more: Record<string, string> = {
        ...(target.endsWith('copied') && { 'x-amz-copy-source': `${bucket}/a` }),
        ...(target.endsWith('acl') && method === 'PUT' && { 'x-amz-acl': 'private' }),
      };
      const query = target.includes('?') && !target.includes('=') ? `${target}=` : target;
      for (const keys of [OTHER, undefined]) {
        const told = await ask(daemon, method, keys === undefined ? target : query, { keys, ...body, headers: more });
        const isAllowed = keys !== undefined && allowed.test(operation);
        expect([grant, operation, keys?.id, told]).toEqual([
          ...[grant, operation, keys?.id],
          isAllowed ? expect.stringMatching(/^20[04]$/) : expect.stringMatching(/^(?:AccessDenied|403)$/),
        ]);
      }
    }
  }
});

test('what a peer sends costs no more memory and time than it is worth', async () => {
  const daemon = await start();
  const main = { keys: MAIN };
  const open = { ...main, body: '', headers: { 'x-amz-acl': 'public-read' } };
  expect(await ask(daemon, 'PUT', '/shop', open)).toBe('200');
  const time = cpu(daemon);
  const blanks = ' '.repeat(30_000);
  for (let count = 0; count < 5; count += 1) {
    expect(await ask(daemon, 'GET', '/shop/none', { headers: { range: `bytes=${blanks}x` } })).toBe('NoSuchKey');
    const headers = { 'x-amz-grant-read': `id=${blanks}"` };
    expect(await ask(daemon, 'PUT', '/shop/none', { body: '', headers })).toBe('InvalidArgument');
  }
  const rules = Array.from({ length: 1_000 }, (_, index) => `<AllowedHeader>x-${index}*</AllowedHeader>`);
  const cors = (more: string) =>
    `<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>${rules.join('')}${more}</CORSRule></CORSConfiguration>`;
  const putCors = (body: string) => ask(daemon, 'PUT', '/shop?cors=', { ...main, body });
  expect(await putCors(cors('<ExposeHeader>a&#13;&#10;b: c</ExposeHeader>'))).toBe('MalformedXML');
  expect(await putCors(cors(rules.join('')))).toBe('MaxMessageLengthExceeded');
  expect(await putCors(cors('<AllowedHeader>z</AllowedHeader>'))).toBe('200');
  const preflight = { origin: 'http://a', 'access-control-request-method': 'GET' };
  const preflightOf = (names: string) =>
    ask(daemon, 'OPTIONS', '/shop/a', { headers: { ...preflight, 'access-control-request-headers': names } });
  expect(await preflightOf('z,'.repeat(50))).toBe('200');
  expect(await preflightOf('z,'.repeat(10_000))).toBe('AccessForbidden');
  // 4 s and more, where any of these is looked at in time that grows with its square.
  expect(cpu(daemon) - time).toBeLessThan(2_000);

  const before = memory(daemon);
  // A document, byte by byte.
  const bytes = 'x'.repeat(400_000);
  const document = headOf(daemon, 'PUT', '/shop?lifecycle=', {
    ...{ ...main, payload: sha256(bytes) },
    headers: { 'transfer-encoding': 'chunked' },
  });
  expect(codeIn(await send(daemon, `${document}${'1\r\nx\r\n'.repeat(bytes.length)}0\r\n\r\n`))).toBe('MalformedXML');
  expect(memory(daemon) - before).toBeLessThan(40);

  // Lists that nobody takes.
  const name = (index: number) => `${String(index).padStart(3, '0')}${'%01'.repeat(1_000)}`;
  await Promise.all(
    Array.from({ length: 600 }, (_, index) => ask(daemon, 'PUT', `/shop/${name(index)}`, { ...main, body: 'x' })),
  );
  const list = 'GET /shop?encoding-type=url HTTP/1.1\r\nHost: x\r\n\r\n';
  const socket = connect(daemon.port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  socket.pause();
  socket.write(list.repeat(90));
  expect(await ask(daemon, 'GET', '/shop?max-keys=1')).toBe('200');
  expect(await ask(daemon, 'GET', '/shop?max-keys=1')).toBe('200');
  expect(memory(daemon) - before).toBeLessThan(100);
});
