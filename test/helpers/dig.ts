/** dig and kdig, run to their end. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What it prints. An exit code that is not 0 is an error with what it printed. */
export async function dig(...args: readonly string[]): Promise<string> {
  return (await run('dig', args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

export async function kdig(...args: readonly string[]): Promise<string> {
  return (await run('kdig', args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

/** The records of a zone as a server of 127.0.0.1 transfers it to dig, sorted, the SOA once. */
export async function digZone(port: number, zone: string, address = '127.0.0.1'): Promise<string[]> {
  const text = await dig(`@${address}`, '-p', String(port), zone, 'AXFR', '+onesoa', '+noall', '+answer', '+nosplit');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
  return lines.map((line) => line.replaceAll(/[ \t]+/g, ' ')).sort();
}
