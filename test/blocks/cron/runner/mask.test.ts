import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Masker } from '../../../../src/blocks/cron/runner/mask.js';

/** Few letters, so that secrets overlap, repeat and begin alike. */
const text = (maxLength: number, minLength = 0) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), minLength, maxLength });

function masked(secrets: readonly string[], pieces: readonly Uint8Array[]): string {
  const masker = new Masker(secrets);
  return Buffer.concat([...pieces.map((piece) => masker.push(piece)), masker.end()]).toString();
}

/** As one reads the definition: every byte of every secret is hidden, neighbours as one. */
function byDefinition(secrets: readonly string[], bytes: Buffer): string {
  const hidden = new Set<number>();
  for (const secret of secrets.map((value) => Buffer.from(value)).filter(({ length }) => length >= 4)) {
    for (let at = 0; at + secret.length <= bytes.length; at++) {
      if (bytes.compare(secret, 0, secret.length, at, at + secret.length) !== 0) continue;
      for (let index = at; index < at + secret.length; index++) hidden.add(index);
    }
  }
  const out: Buffer[] = [];
  for (const [index, byte] of bytes.entries()) {
    if (!hidden.has(index)) out.push(Buffer.from([byte]));
    else if (!hidden.has(index - 1)) out.push(Buffer.from('***'));
  }
  return Buffer.concat(out).toString();
}

test('however the text is cut, the same is hidden', () => {
  const secrets = fc.array(text(8, 1), { maxLength: 4 });
  const cuts = fc.array(fc.nat(60), { maxLength: 8 });
  fc.assert(
    fc.property(secrets, text(50), cuts, (values, whole, places) => {
      const bytes = Buffer.from(whole);
      const edges = [0, ...places.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b), bytes.length];
      const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
      expect(masked(values, pieces)).toBe(byDefinition(values, bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('what cannot be a secret goes out at once, what may become one is held back', () => {
  const masker = new Masker(['s3cr3t']);
  const push = (piece: string) => Buffer.from(masker.push(Buffer.from(piece))).toString();
  expect([push('token: s3c'), push('r3'), push('t and s3'), push('x')]).toEqual(['token: ', '', '*** and ', 's3x']);
});

test('short values are left alone', () => {
  expect(masked(['no', '123', ''], [Buffer.from('no 123')])).toBe('no 123');
});
