/** «Did you mean» for commands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from '../closest.js';
import { cliErrors } from './errors.js';
import { unknownFlag } from './parse-errors.js';

const GLOBAL_FLAGS = ['version', 'help', 'json', 'quiet', 'verbose', 'no-color'];

/**
 * Throws `usage.unknown_command` with the nearest command, if one is near; `usage.unknown_flag` where a flag stands in the
 * command's place, and `usage.missing` for a block without a verb.
 */
export function refuseUnknown(root: string, words: readonly string[]): never {
  const typed = words.join(' ');
  if (typed.startsWith('-')) throw unknownFlag(typed, { command: 'ds', flags: GLOBAL_FLAGS });
  const names = commandNames(root);
  if (names.includes(typed)) {
    throw cliErrors.error('usage.missing', `ds ${typed} needs a verb`, { hint: `ds ${typed} --help` });
  }
  const meant = nearestCommand(words, names);
  const topic = words.slice(0, -1).join(' ');
  const help = names.includes(topic) ? `ds ${topic} --help` : typed === 'version' ? 'ds --version' : 'ds --help';
  throw cliErrors.error('usage.unknown_command', `there is no command ${JSON.stringify(typed)}`, {
    hint: meant === undefined ? help : `did you mean ds ${meant}?`,
    details: { command: typed, ...(meant === undefined ? {} : { nearest: `ds ${meant}` }) },
  });
}

/** What follows a command's name are arguments: the first words are tried at each length, longest first. */
export function nearestCommand(words: readonly string[], names: readonly string[]): string | undefined {
  for (let length = words.length; length > 0; length--) {
    const start = words.slice(0, length).join(' ');
    if (names.includes(start)) return undefined;
    const peers = names.filter((name) => name.split(' ').length === length);
    const meant = closestByWord(words.slice(0, length), peers);
    if (meant !== undefined) return meant;
  }
  return undefined;
}

/** Each word must be near: `seq nope` is three letters from `seq next`, but `nope` is not near `next`. */
function closestByWord(words: readonly string[], names: readonly string[]): string | undefined {
  let candidates = names.map((name) => name.split(' '));
  for (const [i, word] of words.entries()) {
    const meant = closest(word, [...new Set(candidates.map((candidate) => candidate[i] ?? ''))]);
    candidates = candidates.filter((candidate) => candidate[i] === meant);
  }
  return candidates[0]?.join(' ');
}

/** Commands and topics, as typed. */
function commandNames(root: string): string[] {
  const manifest: { commands: Record<string, { hidden?: boolean }> } = JSON.parse(
    readFileSync(join(root, 'oclif.manifest.json'), 'utf8'),
  );
  const names = new Set<string>();
  for (const [id, { hidden }] of Object.entries(manifest.commands)) {
    if (hidden) continue;
    const words = id.split(':');
    for (const length of words.keys()) names.add(words.slice(0, length + 1).join(' '));
  }
  return [...names].sort();
}
