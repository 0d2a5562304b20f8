/**
 * Packets of every kind with mistakes in them: read, or refused as `dns.malformed`, and nothing else. What is read has no more
 * records than octets can hold, is written and read back as it was, and its data survives as text.
 *
 * DS_TORTURE_ROUNDS makes it a million packets instead of fifty thousand. The seed is the same each time.
 */
import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Name } from '../../src/blocks/dns/name.js';
import { parseRdata, printRdata } from '../../src/blocks/dns/rdata/index.js';
import type { ResourceRecord } from '../../src/blocks/dns/record.js';
import { type Message, makeMessage, RRClass, readMessage, writeMessage } from '../../src/blocks/dns/wire.js';
import { DsError, messageOf } from '../../src/platform/errors.js';
import { samples } from '../blocks/dns/samples.js';
import { words } from '../blocks/dns/words.js';
import { mutated, seededNumbers } from '../helpers/mutate.js';
import { capturedPackets } from './dns-captured.js';

const PACKETS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 0) > 1 ? 1_000_000 : 50_000;
const SEED = 20_240_101;
/** A record has at least a name of one octet and ten more; a question four more. */
const LEAST_RECORD = 11;
const LEAST_QUESTION = 5;
/** A pointer of two octets stands for a name of 255. */
const MOST_EXPANSION = 128;

const forceGc: unknown = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

/** Octets in use, everything that is no longer needed gone. */
function heap(): number {
  if (typeof forceGc === 'function') forceGc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const allRecords = ({ answers, authorities, additionals }: Message) => [...answers, ...authorities, ...additionals];

/** What name servers sent; a message of each type, one of all of them, and the messages of every day. */
function corpus(): Uint8Array[] {
  const owner = Name.parse('host.example.com.');
  const question = { name: owner, type: 255, class: RRClass.IN };
  const edns = {
    udpSize: 1232,
    version: 0,
    dnssecOk: true,
    options: [
      { code: 3, data: Uint8Array.from(Buffer.from('ns1')) },
      { code: 8, data: Uint8Array.of(0, 1, 24, 0, 192, 0, 2) },
      { code: 10, data: new Uint8Array(24).fill(7) },
      { code: 15, data: Uint8Array.of(0, 22) },
    ],
  };
  const answers: ResourceRecord[] = samples.map(({ type, rdata }, index) => {
    const name = index % 3 === 0 ? Name.parse(`a${index}.example.com.`) : owner;
    return { name, type, class: RRClass.IN, ttl: 300, rdata };
  });
  const unknown = { name: owner, class: RRClass.IN, ttl: 0, type: 65_280, rdata: new Uint8Array(20).fill(0xc0) };
  const written = [
    makeMessage({ questions: [question] }),
    makeMessage({ questions: [question], edns, recursionDesired: true }),
    makeMessage({ response: true, rcode: 23, questions: [question], edns }),
    makeMessage({ response: true, questions: [question], answers, additionals: [unknown], edns }),
    ...answers.map((answer) => makeMessage({ response: true, questions: [question], answers: [answer] })),
    ...answers.map((answer, index) =>
      makeMessage({ questions: [question], answers: [answer], authorities: answers.slice(index, index + 3), edns }),
    ),
  ].map((message) => writeMessage(message));
  return [...capturedPackets, ...written];
}

/** Undefined when it is refused as it should be. */
function read(bytes: Buffer): Message | undefined {
  try {
    return readMessage(bytes);
  } catch (error) {
    if (error instanceof DsError && error.code === 'dns.malformed') return undefined;
    throw error;
  }
}

function sameRecords(a: readonly ResourceRecord[], b: readonly ResourceRecord[]): boolean {
  return a.every((record, index) => {
    const other = b[index];
    return (
      other !== undefined &&
      record.name.equals(other.name) &&
      record.type === other.type &&
      record.class === other.class &&
      record.ttl === other.ttl &&
      Buffer.compare(record.rdata, other.rdata) === 0
    );
  });
}

/** What a message has beside names and records. */
function head({ answers, authorities, additionals, questions, ...rest }: Message) {
  return { ...rest, counts: [questions.length, questions.map(({ type, class: rrClass }) => [type, rrClass])] };
}

/** Throws where a message that was read cannot be passed on as it is. */
function passOn(message: Message): void {
  const again = readMessage(writeMessage(message));
  const [before, after] = [allRecords(message), allRecords(again)];
  // Names that may not be written compressed can make it too long for any message.
  if (before.length !== after.length && !again.truncated) throw new Error('records were lost without a word');
  if (!sameRecords(after, before)) throw new Error('other records were read');
  if (!isDeepStrictEqual(head(message), head({ ...again, truncated: message.truncated })))
    throw new Error('another header was read');
  const { questions } = message;
  if (!questions.every((question, index) => question.name.toString() === again.questions[index]?.name.toString()))
    throw new Error('another question was read');
}

/** Throws where data does not survive as text, or would do something to a terminal. */
function printed({ type, class: rrClass, rdata }: ResourceRecord): void {
  const text = printRdata(type, rdata, rrClass);
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error(`unsafe text: ${JSON.stringify(text)}`);
  if (text === '' && rdata.length === 0) return;
  const parsed = parseRdata(type, words(text), Name.root, rrClass);
  if (Buffer.compare(parsed, rdata) !== 0) throw new Error(`other data was read from: ${text}`);
}

/** Octets that a message holds on to. */
function held(message: Message): number {
  const ofRecords = allRecords(message).reduce((sum, { name, rdata }) => sum + name.wire.length + rdata.length, 0);
  return message.questions.reduce((sum, { name }) => sum + name.wire.length, ofRecords);
}

function examine(bytes: Buffer): boolean {
  const message = read(bytes);
  if (message === undefined) return false;
  const records = allRecords(message);
  const body = bytes.length - 12;
  if (records.length > body / LEAST_RECORD || message.questions.length > body / LEAST_QUESTION)
    throw new Error(`${records.length} records in ${bytes.length} octets`);
  if (held(message) > bytes.length * MOST_EXPANSION) throw new Error(`${held(message)} octets of ${bytes.length}`);
  passOn(message);
  for (const record of records) printed(record);
  return true;
}

test(
  `${PACKETS.toLocaleString('en')} packets with mistakes are read or refused, and nothing else`,
  () => {
    const random = seededNumbers(SEED);
    const packets = corpus();
    for (const packet of packets) expect(examine(Buffer.from(packet))).toBe(true);
    const before = heap();
    let accepted = 0;
    for (let round = 0; round < PACKETS; round++) {
      const bytes = mutated(packets, random);
      try {
        if (examine(bytes)) accepted++;
      } catch (error) {
        throw new Error(`packet ${round}: ${messageOf(error)}\n${bytes.toString('hex')}`, { cause: error });
      }
    }
    // Mistakes that matter and mistakes that do not: both are tried.
    expect(accepted).toBeGreaterThan(PACKETS / 20);
    expect(accepted).toBeLessThan(PACKETS / 2);
    expect(heap() - before).toBeLessThan(8 * 2 ** 20);
  },
  60_000 + PACKETS / 2,
);
