/**
 * A fingerprint of this machine, for files that must not be used from two machines at once.
 *
 * Source, the first that has something:
 * 1. `/etc/machine-id`, then `/var/lib/dbus/machine-id` (machine-id(5)): made at installation, kept across boots.
 * 2. macOS: the hardware's IOPlatformUUID.
 * 3. The host name. Containers often have no machine-id; there a fingerprint holds as long as the name does, so give
 *    them the host's (`-v /etc/machine-id:/etc/machine-id:ro`) or a name (`--hostname`).
 *
 * machine-id(5) asks not to expose the raw ID and to derive an own one: hence the hash, which starts with a string that
 * nothing else hashes with.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

const DOMAIN = 'ds-blocks machine fingerprint v1\n';

const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/** machine-id(5): 32 hexadecimal digits. `uninitialized` stands there during the first boot. */
const MACHINE_ID = /^[0-9a-f]{32}$/;

export interface MachineSources {
  /** Contents of a file, or undefined when it cannot be read. */
  readFile(path: string): string | undefined;
  /** Standard output of a program, or undefined when it cannot be run. */
  run(program: string, args: readonly string[]): string | undefined;
  hostname(): string;
  readonly platform: string;
}

const systemSources: MachineSources = {
  readFile: (path) => unlessItFails(() => readFileSync(path, 'utf8')),
  run: (program, args) =>
    unlessItFails(() => {
      // Not imported above: loading it would cost every command milliseconds, and only macOS comes here.
      const { execFileSync } = process.getBuiltinModule('node:child_process');
      return execFileSync(program, args, { encoding: 'utf8', timeout: 2000 });
    }),
  hostname,
  platform: process.platform,
};

/** 64 hexadecimal digits, the same at every call and after every boot, different on another machine. */
export function readMachineFingerprint(sources: MachineSources = systemSources): string {
  return createHash('sha256')
    .update(DOMAIN + identify(sources))
    .digest('hex');
}

/** With the kind of source before it, so that a host name cannot pass for a machine-id. */
function identify(sources: MachineSources): string {
  for (const path of MACHINE_ID_FILES) {
    const id = sources.readFile(path)?.trim() ?? '';
    if (MACHINE_ID.test(id) && !/^0+$/.test(id)) return `machine-id ${id}`;
  }
  if (sources.platform === 'darwin') {
    const listing = sources.run('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']);
    const uuid = listing?.match(/"IOPlatformUUID" = "([0-9A-F-]{36})"/)?.[1];
    if (uuid !== undefined) return `platform-uuid ${uuid}`;
  }
  return `hostname ${sources.hostname()}`;
}

function unlessItFails<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}
