/** How bodies reach the ingest, in this thread or in another one: the same calls, the same events. */
import type { Store } from '../../../../platform/store/store.js';
import { Ingest, type IngestEvents, type IngestOptions } from './ingest.js';
import type { Ingested } from './ingested.js';

export interface PortEvents extends IngestEvents {
  /** One slab of the body was looked at; it may still be held for the chunk that grows. Undefined: all chunks were cut. */
  processed(name: string | undefined): void;
}

export interface IngestPort {
  /** Its thread has ended: open another one. */
  readonly broken?: boolean;
  begin(name: string): void;
  /** Hands the slab over; it comes back by an event. */
  write(name: string, buffer: ArrayBuffer, length: number): void;
  cutAll(): void;
  /** Resolves when the body is on disk. */
  end(name: string): Promise<Ingested>;
  settle(name: string): void;
  discard(name: string, writerId: number | undefined): void;
  /** Before gc: resolves when a pack that is mostly garbage is appended to no more. */
  retireGarbage(): Promise<void>;
  /** Gives up what is under way, and lets go of the packs. */
  close(): Promise<void>;
}

export type PortOptions = Omit<IngestOptions, 'events'> & { readonly events: PortEvents };

/** In this thread, for commands: a call returns when its work is done. */
export async function openLocalPort(store: Store, options: PortOptions): Promise<IngestPort> {
  const { events } = options;
  const ingest = await Ingest.open(store, options);
  return {
    begin: (name) => ingest.begin(name),
    write: (name, buffer, length) => {
      ingest.write(name, buffer, length);
      events.processed(name);
    },
    cutAll: () => {
      ingest.cutAll();
      events.processed(undefined);
    },
    end: (name) => ingest.end(name),
    settle: (name) => ingest.settle(name),
    discard: (name, writerId) => ingest.discard(name, writerId),
    retireGarbage: async () => ingest.retireGarbage(),
    close: () => ingest.close(),
  };
}
