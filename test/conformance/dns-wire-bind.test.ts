/** Messages as BIND and NSD write them: a zone of every type, transferred and asked for, has the octets that it should. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Name } from '../../src/blocks/dns/name.js';
import { canonicalRdata } from '../../src/blocks/dns/rdata/canonical.js';
import { printUnknown } from '../../src/blocks/dns/rdata/index.js';
import { type Message, makeMessage, RRClass, RRType, readMessage, writeMessage } from '../../src/blocks/dns/wire.js';
import { samples } from '../blocks/dns/samples.js';
import { freePorts, type NameServerProcess, startNamed, startNsd } from '../helpers/name-servers.js';
import { hasPackages } from '../helpers/programs.js';

/** Obsolete, in no zone, or but once in one; and signatures that have expired, of which BIND warns. */
const LEFT_OUT = ['TKEY', 'TSIG', 'SOA', 'MD', 'MF', 'SIG', 'RRSIG'];

const records = samples
  .filter(({ mnemonic }) => !LEFT_OUT.includes(mnemonic))
  .map(({ type, mnemonic, rdata }, index) => ({ owner: `R${index}.example.`, type, mnemonic, rdata }));

/** Type and data by number: a server may not know the type. */
const zone = [
  '$TTL 300',
  '@ SOA ns hostmaster 1 7200 3600 1209600 300',
  '@ NS ns',
  'ns A 192.0.2.53',
  ...records.map(({ owner, type, rdata }) => `${owner} TYPE${type} ${printUnknown(rdata)}`),
  // Delegations with addresses below them.
  ...records.filter(({ mnemonic }) => mnemonic === 'NS').map(() => 'ns1 A 192.0.2.1'),
  '',
].join('\n');

/** Asks over TCP; messages until `isLast`. */
async function ask(port: number, query: Message, isLast: (read: readonly Message[]) => boolean): Promise<Message[]> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const bytes = writeMessage(query);
  socket.write(Buffer.from([bytes.length >> 8, bytes.length & 0xff, ...bytes]));
  const read: Message[] = [];
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      read.push(readMessage(received.subarray(2, end)));
      received = received.subarray(end);
    }
    if (isLast(read)) break;
  }
  return read;
}

const question = (name: string, type: number) =>
  makeMessage({ id: 7, questions: [{ name: Name.parse(name), type, class: RRClass.IN }] });

/** NSD lowers names within data. */
const hexOf = (type: number, rdata: Uint8Array) => Buffer.from(canonicalRdata(type, rdata)).toString('hex');

describe.skipIf(!hasPackages('bind9', 'nsd'))('messages of', () => {
  const servers = new Map<string, NameServerProcess>();

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    servers.set('BIND', await startNamed({ zones: { example: zone }, zoneOptions: 'check-names ignore;' }));
    servers.set('NSD', await startNsd({ address: '127.0.0.1', port, zones: { example: zone } }));
  });

  afterAll(async () => {
    for (const server of servers.values()) await server.stop();
  });

  const portOf = (server: string) => servers.get(server)?.port ?? 0;

  test.each(['BIND', 'NSD'])('%s: a transfer of every type', async (server) => {
    const messages = await ask(portOf(server), question('example.', RRType.AXFR), (read) => {
      return read.flatMap(({ answers }) => answers).filter(({ type }) => type === RRType.SOA).length === 2;
    });
    const transferred = messages.flatMap(({ answers }) => answers);
    const found = new Map(
      transferred.map(({ name, type, rdata }) => [`${name.toString()} ${type}`, hexOf(type, rdata)]),
    );
    const wrong = records.filter(({ owner, type, rdata }) => {
      return (found.get(`${owner} ${type}`) ?? found.get(`${owner.toLowerCase()} ${type}`)) !== hexOf(type, rdata);
    });
    expect(wrong.map(({ mnemonic }) => mnemonic)).toEqual([]);
    for (const message of messages) {
      const again = readMessage(writeMessage(message));
      expect(again.answers.map(({ type, rdata }) => hexOf(type, rdata))).toEqual(
        message.answers.map(({ type, rdata }) => hexOf(type, rdata)),
      );
    }
  });

  test.each(['BIND', 'NSD'])('%s: an answer of every type', async (server) => {
    const wrong: string[] = [];
    // The names of NSEC3 records do not exist for queries (RFC 5155, section 7.2.8).
    const asked = records.filter(({ mnemonic }) => mnemonic !== 'NSEC3');
    for (const { owner, type, mnemonic, rdata } of asked) {
      const [answer] = await ask(portOf(server), question(owner, type), (read) => read.length === 1);
      const sets = [...(answer?.answers ?? []), ...(answer?.authorities ?? [])];
      if (!sets.some((set) => set.type === type && hexOf(type, set.rdata) === hexOf(type, rdata))) wrong.push(mnemonic);
    }
    expect(wrong).toEqual([]);
  });
});
