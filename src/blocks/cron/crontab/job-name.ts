/** Names for the jobs of a crontab, where lines have none. The same command gets the same name each time it is read. */
import { createHash } from 'node:crypto';

/** Words before the program that does the work: `test -x /usr/bin/x && nice x`. */
const PRELIMINARY = new Set([
  ...['[', 'test', 'if', 'then', 'command', 'cd', 'exec', 'nice', 'ionice', 'chronic', 'nohup', 'sudo'],
  ...['timeout', 'flock', 'env', 'sh', 'bash', 'sleep', 'root', '!', '{', '('],
]);

/** `backup.sh-3fa2c1`: what it seems to run, and a mark of the whole command. */
export function nameOfCommand(command: string): string {
  const mark = createHash('sha256').update(command).digest('hex').slice(0, 6);
  return `${programOf(command)}-${mark}`;
}

function programOf(command: string): string {
  // What stands behind the first % is input.
  const [line = ''] = command.split(/(?<!\\)%/);
  for (const part of line.split(/&&|\|\||[;|]/)) {
    const words = part.split(/[\s"'()]+/).filter((word) => word !== '' && !/^\w+=/.test(word));
    const [first = ''] = words;
    const program = nameOf(first);
    if (program !== undefined && !PRELIMINARY.has(program)) return program;
  }
  return nameOf(command.split(/\s+/).find((word) => word.includes('/')) ?? '') ?? 'job';
}

function nameOf(word: string): string | undefined {
  return /(?:^|\/)([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/.exec(word)?.[1];
}

/** Gives a name to each in turn; a second one of the same name gets `-2`. */
export class JobNames {
  readonly #taken: Set<string>;

  /** @param given names that lines have themselves */
  constructor(given: readonly string[]) {
    this.#taken = new Set(given);
  }

  free(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted}-${number}`;
    this.#taken.add(name);
    return name;
  }
}
