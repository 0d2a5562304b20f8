/**
 * Service discovery beside the zones of the file: which targets of a name are given out, and the zone ds.test.
 *
 *     file ── zonesVersion() changed ──▶ targets ──▶ overlay (select) and checker (health)
 *     registry of daemons ── once a second ──▶ zone ds.test, where it differs
 */
import type { Logger } from 'pino';
import { type Clock, fraction, type Random } from '../../../../platform/clock.js';
import { listDaemons, type RegistryEntry } from '../../../../platform/daemon/registry.js';
import { type Selection, TargetOverlay } from '../../discovery/overlay.js';
import type { Target } from '../../discovery/target.js';
import type { Name } from '../../name.js';
import { nameAt, printRdata } from '../../rdata/index.js';
import type { RRset } from '../../record.js';
import type { StoredHealth, TargetStore } from '../../store/target-store.js';
import { readUint16 } from '../../wire/octets.js';
import { RRType } from '../../wire.js';
import type { MemoryZone } from '../../zone/memory.js';
import type { ZoneSet } from '../../zone/zone-data.js';
import type { ZoneSource } from '../engine.js';
import { Checker } from './checker.js';
import { daemonZone, withDaemons } from './daemon-zone.js';
import type { Place } from './run-check.js';

/** How often the registry is read, and targets are looked for while nobody asks, milliseconds. */
const LOOK_MS = 1_000;

export interface DiscoveryParts {
  readonly zones: ZoneSource;
  /** Rises with every change of zones and targets. */
  readonly zonesVersion: () => number;
  readonly targets: TargetStore;
  /** `$DS_HOME`. */
  readonly home: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export class Discovery implements ZoneSource {
  readonly #parts: DiscoveryParts;
  readonly #checker: Checker;
  readonly #stopping = new AbortController();
  #overlay: TargetOverlay;
  #seen = Number.NaN;
  #daemons: MemoryZone;
  #known = '';
  #serial: number;
  #generation = 0;
  #looking: Promise<void> | undefined;

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
    const { clock, random, logger } = parts;
    this.#checker = new Checker({
      clock,
      random,
      logger,
      locate: (target) => this.#locate(target),
      note: (target, health) => this.#note(target, health),
    });
    this.#overlay = new TargetOverlay([], () => undefined);
    this.#serial = Math.floor(clock.now() / 1000) % 2 ** 32;
    this.#daemons = daemonZone([], this.#serial);
  }

  /** Reads the registry once, then goes on looking. */
  async start(): Promise<void> {
    this.version();
    await this.#look();
    this.#looking = this.#keepLooking();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    await this.#checker.close();
  }

  /** Rises when answers may have changed: zones, targets, daemons. Cheap. */
  version(): number {
    const version = this.#parts.zonesVersion();
    if (version !== this.#seen) {
      this.#seen = version;
      this.#readTargets();
    }
    return version + this.#generation;
  }

  /** How many targets are in each state. */
  get states() {
    return this.#checker.states;
  }

  /** For the engine: puts the targets that are to be given out in place of an RRset. */
  readonly select = (set: RRset): Selection | undefined => {
    return this.#overlay.select(set, () => fraction(this.#parts.random));
  };

  /** The zones of the file, and ds.test where the file has none that is nearer. */
  reading<T>(work: (zones: ZoneSet) => T): T {
    return this.#parts.zones.reading((zones) => work(withDaemons(zones, this.#daemons)));
  }

  #readTargets(): void {
    const targets = this.#parts.targets.list();
    this.#overlay = new TargetOverlay(targets, (key) => this.#checker.health(key));
    if (!this.#stopping.signal.aborted) this.#checker.update(targets);
  }

  async #keepLooking(): Promise<void> {
    const { clock, logger } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        this.version();
        await this.#look();
      } catch (error) {
        logger.warn({ err: error }, 'targets or daemons could not be looked at');
      }
    }
  }

  async #look(): Promise<void> {
    const entries = await listDaemons(this.#parts.home);
    const known = JSON.stringify(
      entries.map(({ block, state, endpoints }: RegistryEntry) => [block, state, endpoints]),
    );
    if (known === this.#known) return;
    this.#known = known;
    this.#serial = (this.#serial + 1) % 2 ** 32;
    this.#daemons = daemonZone(entries, this.#serial);
    this.#generation++;
  }

  /** For those who look; what is answered does not depend on it. */
  #note(target: Target, health: StoredHealth): void {
    try {
      this.#parts.targets.note(target, health);
    } catch (error) {
      this.#parts.logger.debug({ err: error }, "a target's health was not written down");
    }
  }

  /** The address of a target; that of an SRV target by the zones here, else its name, which the system looks up. */
  #locate({ type, rdata }: Target): Place | string {
    if (type !== RRType.SRV) return { address: printRdata(type, rdata), port: undefined };
    const port = readUint16(rdata, 4);
    const name = nameAt(rdata, 6);
    if (name.isRoot) return 'the SRV record says that there is no such service';
    const address = this.reading((zones) => addressOf(zones, name));
    return { address: address ?? name.toString().replace(/\.$/, ''), port };
  }
}

function addressOf(zones: ZoneSet, name: Name): string | undefined {
  const set = zones
    .find(name)
    ?.node(name)
    .find(({ type }) => type === RRType.A || type === RRType.AAAA);
  const [rdata] = set?.rdatas ?? [];
  return set === undefined || rdata === undefined ? undefined : printRdata(set.type, rdata);
}
