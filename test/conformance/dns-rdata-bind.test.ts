/**
 * Data of records of every type as BIND reads, checks and prints it: text to octets (named-rrchecker), octets to text
 * (named-compilezone, one zone with all types), and what it refuses.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printRdata, printUnknown } from '../../src/blocks/dns/rdata/index.js';
import { type Sample, samples } from '../blocks/dns/samples.js';
import { hasPackages } from '../helpers/programs.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** BIND 9.18 has no form for their data. */
const UNKNOWN_TO_BIND = ['DSYNC', 'WALLET', 'RESINFO'];
/** Never in a zone, or in none that BIND loads: an SOA record beside the zone's own, and obsolete types. */
const IN_NO_ZONE = ['TKEY', 'TSIG', 'SOA', 'MD', 'MF'];

/** Differences of form alone. */
const formOf: readonly (readonly [mnemonic: RegExp, theirs: RegExp, ours: string])[] = [
  // RFC 6742 has the zeros in its examples.
  [/^NID$/, /\b14:4fff/, '0014:4fff'],
  [/^L64$/, /:db8:/, ':0db8:'],
  // RFC 9461 came after BIND 9.18.
  [/^HTTPS$/, /key7=/, 'dohpath='],
];

/** Without spaces outside of quotes: BIND splits what is long. */
const unspaced = (text: string) => text.replace(/("(?:\\.|[^"\\])*")|\s+/gs, '$1');

function theirForm({ mnemonic }: Sample, text: string): string {
  return formOf.reduce(
    (form, [which, theirs, ours]) => (which.test(mnemonic) ? form.replace(theirs, ours) : form),
    text,
  );
}

function rrchecker(record: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('named-rrchecker', args, { input: `${record}\n`, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const LENIENT = '-i none -k ignore -n ignore -m ignore -M ignore -r ignore -S ignore -T ignore -W ignore'.split(' ');

/** The zone's records as BIND prints them: data by owner. */
function compile(lines: readonly string[]): Map<string, string> {
  const file = join(temporaryFolder(), 'zone');
  const apex = ['$TTL 300', '@ SOA ns hostmaster 1 2 3 4 5', '@ NS ns', 'ns A 192.0.2.53'];
  writeFileSync(file, `${[...apex, ...lines].join('\n')}\n`);
  const args = [...LENIENT, '-f', 'text', '-F', 'text', '-s', 'full', '-o', '-', 'example.', file];
  const { status, stdout, stderr } = spawnSync('named-compilezone', args, { encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const rows = stdout.split('\n').map((line) => /^(\S+)\s+\d+\s+IN\s+\S+\s*(.*)$/.exec(line));
  return new Map(rows.map((row) => [row?.[1] ?? '', row?.[2] ?? '']));
}

describe.skipIf(!hasPackages('bind9', 'bind9-utils'))('data of records, as BIND has it', () => {
  const known = samples.filter(({ mnemonic }) => !UNKNOWN_TO_BIND.includes(mnemonic));
  const inZone = known.filter(({ mnemonic }) => !IN_NO_ZONE.includes(mnemonic));
  const texts = inZone.map((sample, index) => [`r${index}.example.`, sample] as const);

  test.each(
    known
      .filter(({ mnemonic }) => !['TKEY', 'TSIG'].includes(mnemonic))
      .map((sample) => [`${sample.mnemonic} ${sample.text}`.slice(0, 100), sample] as const),
  )('%s has the same octets', (_, { mnemonic, text, rdata }) => {
    const { status, stdout, stderr } = rrchecker(`IN ${mnemonic} ${text}`, '-u');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const hex = /\\# \d+([0-9A-F ]*)/.exec(stdout)?.[1]?.replaceAll(' ', '').toLowerCase();
    expect(hex).toBe(Buffer.from(rdata).toString('hex'));
  });

  test('octets have the same text, and text survives', () => {
    const fromOctets = compile(
      texts.map(([owner, { mnemonic, rdata }]) => `${owner} ${mnemonic} ${printUnknown(rdata)}`),
    );
    const fromText = compile(texts.map(([owner, { mnemonic, text }]) => `${owner} ${mnemonic} ${text}`));
    const ours = texts.map(([owner, { mnemonic, type, rdata }]) => [
      owner,
      mnemonic,
      unspaced(printRdata(type, rdata)),
    ]);
    const theirs = (zone: Map<string, string>) => {
      return texts.map(([owner, sample]) => [
        owner,
        sample.mnemonic,
        unspaced(theirForm(sample, zone.get(owner) ?? 'missing')),
      ]);
    };
    expect(theirs(fromOctets)).toEqual(ours);
    expect(theirs(fromText)).toEqual(ours);
  });

  test('each difference of form is one', () => {
    for (const [which, theirs] of formOf) {
      const samplesOf = known.filter(({ mnemonic }) => which.test(mnemonic));
      const printed = samplesOf.map(({ mnemonic, text }) => rrchecker(`IN ${mnemonic} ${text}`, '-p').stdout);
      expect(printed.some((text) => theirs.test(text))).toBe(true);
    }
  });
});
