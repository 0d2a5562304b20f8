/** Keys and contents that clients are tested with. */
import { createCipheriv, createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const MIB = 1024 * 1024;

/** Keys that servers which map them to files or mend their paths get wrong. */
export const ODD_KEYS = [
  'a/b',
  'a/b/1',
  'a//b/',
  '/leading',
  'plus+plus',
  'per%cent%2Fslash',
  'a space  and two',
  'dots/../up/./here',
  '..',
  'quotes\'"&<>?#;=@:,$!*()[]{}|\\^`~',
  'tab\tand\nline',
  'ümlaut/日本語/🎉',
  'e\u0301 beside \u00e9',
  `${'k'.repeat(1023)}1`,
] as const;

/** Those that are paths of files. */
const ODD_FILES = [
  'a/b/1',
  'a/c',
  'plus+plus',
  'per%cent%2Fslash',
  'a space  and two',
  '..dots..',
  "quotes'&;=@,$!()[]{}~",
  'ümlaut/日本語/🎉',
] as const;

/** Bytes that look random and are the same at each call. */
export function sample(bytes: number, seed = 'sample'): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

export function md5(data: string | Uint8Array): string {
  return createHash('md5').update(data).digest('hex');
}

/** ETag of an upload in parts, as S3 makes it. */
export function etagOfParts(data: Uint8Array, partBytes: number): string {
  const parts = Math.ceil(data.length / partBytes);
  const whole = createHash('md5');
  for (let part = 0; part < parts; part++)
    whole.update(
      createHash('md5')
        .update(data.subarray(part * partBytes, (part + 1) * partBytes))
        .digest(),
    );
  return `${whole.digest('hex')}-${parts}`;
}

/** Writes the odd files and a large one below `folder`; returns the contents by path. */
export function writeTree(folder: string, largeBytes: number): Readonly<Record<string, Buffer>> {
  const tree = Object.fromEntries(ODD_FILES.map((path) => [path, sample(1000 + path.length, path)]));
  const all = { ...tree, empty: Buffer.alloc(0), 'large.bin': sample(largeBytes) };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return all;
}

/** MD5 of the files below a folder, by path: what two trees are compared by. */
export function readTree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const entries = files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(folder.length + 1), md5(readFileSync(path))] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function digestsOf(tree: Readonly<Record<string, Buffer>>): Record<string, string> {
  const entries = Object.entries(tree).map(([path, content]) => [path, md5(content)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
