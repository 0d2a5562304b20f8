/** The options of the daemon, read and checked, before anything is opened. */

import { configErrors } from '../../../platform/config/errors.js';
import { checkOptions } from '../../../platform/config/options.js';
import { isLoopback, type ListenAddress, readUnguardedAddress } from '../../../platform/daemon/address.js';
import type { DaemonContext, RawOptions } from '../../../platform/daemon/block.js';
import { OFF } from '../../../platform/daemon/shared-options.js';
import { readTlsFiles, type TlsFiles } from '../../../platform/daemon/tls.js';
import { parseSize } from '../../../platform/units.js';
import { DEFAULT_TENANT } from '../log-store.js';
import { Gate } from './gate.js';
import { type LogOptions, logOptions } from './options.js';
import { TokensFile } from './tokens-file.js';

export interface Setup {
  readonly options: LogOptions;
  readonly listen: ListenAddress;
  readonly syslog: ListenAddress | undefined;
  readonly tls: TlsFiles | undefined;
  readonly tokens: TokensFile | undefined;
  readonly gate: Gate;
  /** Milliseconds; undefined: for ever. */
  readonly keepMs: number | undefined;
  /** Undefined: no bound. */
  readonly mostBytes: number | undefined;
}

const PASSWORD = { passwordProtects: 'the admin endpoint' } as const;

/** Errors: `config.invalid`, `listen.bad_address`, `listen.not_loopback`, `tls.*`, `log.bad_tokens_file`. */
export async function readSetup(raw: RawOptions, context: DaemonContext): Promise<Setup> {
  const { clock, random, logger } = context;
  const options = checkOptions(logOptions, raw);
  const { insecure, tokensFile, maxStreams: mostStreams, tenants, maxSize } = options;
  const guarded = { insecure: insecure || tokensFile !== undefined };
  const listen = readUnguardedAddress(options.listen, '--listen', guarded, {
    opens: 'the logs',
    instead: '--tokens-file FILE',
    ...PASSWORD,
  });
  // Syslog has no place for a token.
  const syslog =
    options.syslog === OFF
      ? undefined
      : readUnguardedAddress(options.syslog, '--syslog', { insecure }, { opens: 'syslog', ...PASSWORD });
  const mostBytes = maxSize === undefined ? undefined : readMaxSize(maxSize);
  const tls = await readTlsFiles({ cert: options.tlsCert, key: options.tlsKey }, clock.now());
  for (const warning of tls?.warnings ?? []) logger.warn({ file: warning.file }, warning.text);
  const tokens =
    tokensFile === undefined
      ? undefined
      : await TokensFile.open({ path: tokensFile, mostStreams, clock, random, logger });
  if (syslog !== undefined && tokens?.anyReads(DEFAULT_TENANT) === false) {
    const text = `syslog has no tokens: its lines are of the tenant ${DEFAULT_TENANT}, which no token of the file may read`;
    logger.warn({ file: tokensFile, add: `TOKEN ${DEFAULT_TENANT} read` }, text);
  }
  const gate = new Gate({ tokens, byHeader: tenants === 'header', open: !isLoopback(listen.host), mostStreams });
  return { options, listen, syslog, tls, tokens, gate, keepMs: options.keep || undefined, mostBytes };
}

function readMaxSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw configErrors.error('config.invalid', `max-size cannot be ${JSON.stringify(text)}`, {
    hint: 'max-size is a size such as 20GB',
    details: { key: 'max-size' },
  });
}
