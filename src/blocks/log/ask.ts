/** Opens what a command asks: files, the store, a server. */
import type { LogContext, LogTarget } from './log-context.js';
import { DEFAULT_TENANT, type LogStore, type Tenant, type TimeRange } from './log-store.js';
import type { ContextLine, ContextRequest } from './report/context.js';
import type { FileLogStore } from './store/file-log-store.js';

export interface Asked {
  /** Paths, patterns, `-`; none: the target is asked. */
  readonly files: readonly string[];
  readonly target: LogTarget;
  /** A file of a store is not made where there is none: it was named. */
  readonly mustExist?: boolean;
  readonly tenant?: string | undefined;
  readonly tokenFile?: string | undefined;
  /** Of timestamps in files that do not say theirs. */
  readonly timezone?: string | undefined;
}

export interface AskContext extends LogContext {
  /** What `-` names. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Hears what people should know. */
  readonly onNote?: (text: string) => void;
}

export interface OpenLogs {
  readonly store: LogStore;
  /** Lines around those that a query selects. */
  context(request: ContextRequest): AsyncIterable<ContextLine>;
  /** Of files: from their first entry to behind their last; undefined where there is none. */
  readonly span?: () => Promise<TimeRange | undefined>;
  /** Of a store, where no tenant was named: the others that have entries. */
  readonly otherTenants?: () => readonly Tenant[];
}

/** Errors: those of what is asked; of files, of the server's URL and token, of the store. */
export async function openLogs(asked: Asked, context: AskContext): Promise<OpenLogs> {
  if (asked.files.length > 0) return openFiles(asked, context);
  if (asked.target.kind === 'url') {
    const store = await openServer(asked, asked.target.url, context);
    return { store, context: (request) => contextOf(store, request) };
  }
  const store = await openStore(asked, asked.target.path, context);
  const otherTenants = () => (asked.tenant === undefined ? store.otherTenants() : []);
  return { store, context: (request) => contextOf(store, request), otherTenants };
}

async function* contextOf(store: LogStore, request: ContextRequest): AsyncGenerator<ContextLine> {
  const { storeContext } = await import('./report/context.js');
  yield* storeContext(store, request);
}

async function openFiles({ files, timezone }: Asked, { clock, stdin, onNote }: AskContext): Promise<OpenLogs> {
  const { openFileLogs } = await import('./files/index.js');
  const store = await openFileLogs(files, { clock, stdin, timezone, onNote });
  return { store, context: (request) => store.context(request), span: () => store.span() };
}

async function openServer({ tenant, tokenFile }: Asked, url: string, context: AskContext): Promise<LogStore> {
  const { openRemoteLogs } = await import('./remote/index.js');
  const { clock, env, signal, onNote } = context;
  const token = env['DS_LOG_TOKEN'] || undefined;
  const onDropped = (count: number) => onNote?.(`the server left out ${count} entries: this end was too slow`);
  return openRemoteLogs(
    { url, token, tokenFile, tenant },
    { clock, signal, onDropped, onWarning: (text) => onNote?.(`the server says: ${text}`) },
  );
}

async function openStore(
  { tenant = DEFAULT_TENANT, mustExist = false }: Asked,
  path: string,
  { clock }: AskContext,
): Promise<FileLogStore> {
  const { openLogStore } = await import('./store.js');
  return openLogStore({ path, clock, tenant, mustExist });
}
