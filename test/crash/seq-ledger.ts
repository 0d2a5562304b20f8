/** Everything that was printed or acknowledged while processes were being killed, and the checks on it. */

/** IDs or ticket numbers from many streams. Each stream must rise; all together must be different. */
export class Ledger {
  #values = new BigUint64Array(1 << 20);
  #count = 0;
  readonly violations: string[] = [];

  get count(): number {
    return this.#count;
  }

  /** A stream that is checked as it grows. `name` is for the message. */
  openStream(name: string): (value: bigint) => void {
    let last = -1n;
    return (value) => {
      if (value <= last) this.violations.push(`${name}: ${value} came after ${last}`);
      last = value;
      this.#add(value);
    };
  }

  /** Values that were given out more than once, at most ten. */
  duplicates(): bigint[] {
    const sorted = this.#values.subarray(0, this.#count).sort();
    const found: bigint[] = [];
    for (let i = 1; i < sorted.length && found.length < 10; i++) {
      const value = sorted[i];
      if (value !== undefined && value === sorted[i - 1]) found.push(value);
    }
    return found;
  }

  #add(value: bigint): void {
    if (this.#count === this.#values.length) {
      const larger = new BigUint64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }
}

/** Cuts a byte stream into decimal lines; a last line without its end was never printed whole and does not count. */
export function decimalLines(onValue: (value: bigint) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onValue(BigInt(line));
  };
}

/** Cuts a byte stream into big-endian 64-bit integers. */
export function binaryIds(onValue: (value: bigint) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 8);
    for (let at = 0; at < whole; at += 8) onValue(bytes.readBigUInt64BE(at));
    rest = bytes.subarray(whole);
  };
}
