/**
 * A service that writes a log while Debian's logrotate rotates it, in every way that logrotate has. What is written is kept, to be compared
 * with what was stored.
 *
 * The service stands still during copytruncate: what is written between logrotate's copy and its truncation, logrotate loses. It
 * stands still, too, when the renamed file is compressed at once. With `delaycompress` it goes on writing into the renamed file.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** More than a KiB, and the same in each file: the beginning tells nothing. */
const LONG_HEADER = `# ${'='.repeat(600)}\n# service started\n# ${'='.repeat(600)}\n`;
const SHORT_HEADER = '# service started\n';

/** Ways that go together: logrotate throws files away where some of a family are compressed at once and others later, or never. */
export const WAYS = {
  plain: ['create', 'copytruncate'],
  delayed: ['delaycompress', 'copytruncate-delaycompress'],
  compressed: ['compress', 'copytruncate-compress'],
} as const;
export type Way = (typeof WAYS)[keyof typeof WAYS][number];

const DIRECTIVES: Readonly<Record<Way, string>> = {
  create: 'create',
  copytruncate: 'copytruncate',
  delaycompress: 'create\n compress\n delaycompress',
  'copytruncate-delaycompress': 'copytruncate\n compress\n delaycompress',
  compress: 'create\n compress',
  'copytruncate-compress': 'copytruncate\n compress',
};

export class RotatedService {
  readonly path: string;
  readonly written: string[] = [];
  readonly #folder: string;
  readonly #header: string;
  #descriptor: number;
  #count = 0;

  constructor(folder: string, name: string, hasLongHeader: boolean) {
    this.#folder = folder;
    this.path = join(folder, 'logs', `${name}.log`);
    this.#header = hasLongHeader ? LONG_HEADER : SHORT_HEADER;
    mkdirSync(join(folder, 'logs'), { recursive: true, mode: 0o700 });
    this.#descriptor = openSync(this.path, 'a');
  }

  /** Each file begins with the header, in one write with its first line. */
  write(lines: number): void {
    let text = statSync(this.path).size === 0 ? this.#header : '';
    for (let i = 0; i < lines; i++) {
      text += `line ${this.#count++} of ${this.path} ${'x'.repeat((this.#count * 37) % 300)}\n`;
    }
    this.written.push(...text.split('\n').slice(0, -1));
    writeSync(this.#descriptor, text);
  }

  async rotate(way: Way): Promise<void> {
    const config = join(this.#folder, `${way}.conf`);
    const state = join(this.#folder, `${this.path.length}.state`);
    writeFileSync(config, `"${this.path}" {\n rotate 1000\n missingok\n ${DIRECTIVES[way]}\n}\n`, { mode: 0o600 });
    const args = ['-f', '-s', state, config];
    if (way === 'create' || way === 'delaycompress') {
      const logrotate = spawn('logrotate', args, { stdio: 'ignore' });
      const ended = once(logrotate, 'exit');
      for (let i = 0; i < 5; i++) {
        this.#append(3);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await ended;
      this.#append(2);
    } else {
      const { status, stderr } = spawnSync('logrotate', args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`logrotate: ${stderr}`);
    }
    this.#reopen();
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Into the file that is open, whatever it is called by now. */
  #append(lines: number): void {
    let text = '';
    for (let i = 0; i < lines; i++) text += `line ${this.#count++} of ${this.path} while it is rotated\n`;
    this.written.push(...text.split('\n').slice(0, -1));
    writeSync(this.#descriptor, text);
  }

  #reopen(): void {
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.path, 'a');
  }
}
