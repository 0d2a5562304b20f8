/** Names, records and messages for fast-check: labels of any octets, data of every type. */
import fc from 'fast-check';
import { Name } from '../../../src/blocks/dns/name.js';
import type { Question, ResourceRecord } from '../../../src/blocks/dns/record.js';
import { type Edns, type Message, makeMessage, RRClass, RRType } from '../../../src/blocks/dns/wire.js';
import { rdataOf } from './rdata-arbitraries.js';

/** Any octets, letters of both cases often, so that names meet. */
export const label: fc.Arbitrary<Uint8Array> = fc
  .oneof(
    { weight: 6, arbitrary: fc.constantFrom('a', 'A', 'b', 'ab', 'www', 'com', '*', '.', '\0', '\x01', 'a\0', 'Àà') },
    { weight: 2, arbitrary: fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 63 }) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 63 }) },
  )
  .map((text) => (typeof text === 'string' ? Uint8Array.from(Buffer.from(text, 'latin1')) : text));

/** As many of the labels as fit. */
function nameOf(labels: readonly Uint8Array[]): Name {
  const fitting: Uint8Array[] = [];
  let octets = 1;
  for (const one of labels) {
    octets += one.length + 1;
    if (octets <= 255) fitting.push(one);
  }
  return Name.fromLabels(fitting);
}

export const name: fc.Arbitrary<Name> = fc
  .oneof(
    { weight: 9, arbitrary: fc.array(label, { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.array(label, { maxLength: 127 }) },
  )
  .map(nameOf);

const ttl = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const uint16 = fc.integer({ min: 0, max: 0xffff });

/** Data of the types that are known, by type; others have any octets. */
export const knownRdata: ReadonlyMap<number, fc.Arbitrary<Uint8Array>> = rdataOf(name.map(({ wire }) => wire));

/** Any type and class; data of known types has their form. */
const record: fc.Arbitrary<ResourceRecord> = fc
  .record({
    name,
    ttl,
    class: fc.oneof({ weight: 8, arbitrary: fc.constant(RRClass.IN) }, { weight: 1, arbitrary: uint16 }),
    type: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...knownRdata.keys()) }, { weight: 1, arbitrary: uint16 }),
  })
  .filter(({ type }) => type !== RRType.OPT)
  .chain((common) => {
    const rdata = knownRdata.get(common.type) ?? fc.uint8Array({ maxLength: 300 });
    return rdata.map((octets): ResourceRecord => ({ ...common, rdata: octets }));
  });

const question: fc.Arbitrary<Question> = fc.record({ name, type: uint16, class: uint16 });

const edns: fc.Arbitrary<Edns> = fc.record({
  udpSize: uint16,
  version: fc.integer({ min: 0, max: 255 }),
  dnssecOk: fc.boolean(),
  options: fc.array(fc.record({ code: uint16, data: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 3 }),
});

/** Records of a section: the same one again at times, so that there are RRsets. */
const section = fc.array(record, { maxLength: 6 });

export const message: fc.Arbitrary<Message> = fc
  .record({
    id: uint16,
    response: fc.boolean(),
    opcode: fc.integer({ min: 0, max: 15 }),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    recursionDesired: fc.boolean(),
    recursionAvailable: fc.boolean(),
    authenticData: fc.boolean(),
    checkingDisabled: fc.boolean(),
    zero: fc.boolean(),
    questions: fc.array(question, { maxLength: 2 }),
    answers: section,
    authorities: section,
    additionals: section,
    extension: fc.option(fc.record({ edns, rcode: fc.integer({ min: 0, max: 0xfff }) }), { nil: undefined }),
    rcode: fc.integer({ min: 0, max: 15 }),
  })
  .map(({ extension, ...rest }) => makeMessage({ ...rest, ...extension }));
