/** Octets that were right, made wrong: the same ones for the same seed. */

/** Whole numbers from 0 to 2^32 - 1 (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** What lengths, counts and pointers are made of. */
const TELLING = [0x00, 0x01, 0x0c, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

type Mutation = (bytes: Buffer, at: number, random: () => number, other: Buffer) => Buffer;

const mutations: readonly Mutation[] = [
  function flipBit(bytes, at, random) {
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (random() % 8));
    return bytes;
  },
  function setOctet(bytes, at, random) {
    bytes[at] = random() % 2 === 0 ? random() & 0xff : (TELLING[random() % TELLING.length] ?? 0);
    return bytes;
  },
  function changeLength(bytes, at, random) {
    if (at + 1 >= bytes.length) return bytes;
    const value = bytes.readUInt16BE(at) + (random() % 9) - 4;
    bytes.writeUInt16BE(value & 0xffff, at);
    return bytes;
  },
  function changeCount(bytes, _at, random) {
    const at = 4 + 2 * (random() % 4);
    if (at + 1 < bytes.length) bytes.writeUInt16BE(random() % 4 === 0 ? 0xffff : random() % 8, at);
    return bytes;
  },
  function truncate(bytes, at) {
    return bytes.subarray(0, at);
  },
  function remove(bytes, at, random) {
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + (random() % 8))]);
  },
  function insert(bytes, at, random) {
    const added = Buffer.from(Array.from({ length: 1 + (random() % 8) }, () => random() & 0xff));
    return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
  },
  function repeat(bytes, at, random) {
    const part = bytes.subarray(at, at + 1 + (random() % 64));
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
  },
  function splice(bytes, at, random, other) {
    return Buffer.concat([bytes.subarray(0, at), other.subarray(random() % (other.length + 1))]);
  },
];

/** A copy of one of the `packets` with one to four mutations. */
export function mutated(packets: readonly Uint8Array[], random: () => number): Buffer {
  const any = () => Buffer.from(packets[random() % packets.length] ?? []);
  let bytes: Buffer = any();
  for (let left = 1 + (random() % 4); left > 0; left--) {
    const mutate = mutations[random() % mutations.length];
    if (mutate !== undefined) bytes = mutate(bytes, random() % (bytes.length + 1), random, any());
  }
  return bytes;
}
