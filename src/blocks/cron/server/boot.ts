/**
 * Whether the machine has been started since jobs of `@reboot` were last queued from it. Linux gives each start an ID; elsewhere
 * each start of the daemon counts as one.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

export class BootMark {
  readonly #path: string;

  /** One for each store that is used from a home. */
  constructor(home: string, place: string) {
    const store = createHash('sha256').update(place).digest('hex').slice(0, 16);
    this.#path = join(home, 'run', `cron-boot-${store}`);
  }

  async isNew(): Promise<boolean> {
    const present = await readOrNothing(BOOT_ID);
    return present === undefined || present !== (await readOrNothing(this.#path));
  }

  async remember(): Promise<void> {
    const present = await readOrNothing(BOOT_ID);
    if (present === undefined) return;
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await writeFile(this.#path, present, { mode: 0o600 });
  }
}

async function readOrNothing(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
