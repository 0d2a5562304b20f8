/**
 * Single flight: equal questions that come while one of them is being asked share its answer. It also ends loops, where our own
 * question comes back to us through another forwarder: it waits for itself until patience is over, and is not sent again.
 */

/** Questions that are being asked at once. Default 512: each has a socket, and a process often has 1024. */
const DEFAULT_MOST_FLIGHTS = 512;
/** Clients that wait for them, all together. Default 10,000. */
const DEFAULT_MOST_WAITERS = 10_000;
/** What nobody waits for leaves this share of the flights to what somebody does. */
const RESERVED_SHARE = 0.5;

export interface FlightLimits {
  readonly mostFlights?: number;
  readonly mostWaiters?: number;
}

export class Flights<Result> {
  readonly #inFlight = new Map<string, Promise<Result>>();
  readonly #mostFlights: number;
  readonly #mostWaiters: number;
  #waiters = 0;

  constructor({ mostFlights = DEFAULT_MOST_FLIGHTS, mostWaiters = DEFAULT_MOST_WAITERS }: FlightLimits = {}) {
    this.#mostFlights = mostFlights;
    this.#mostWaiters = mostWaiters;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get waiters(): number {
    return this.#waiters;
  }

  /** Joins the flight of the key or begins it, and waits by `wait`. Undefined: there is no room. */
  join<Waited>(
    key: string,
    begin: () => Promise<Result>,
    wait: (flight: Promise<Result>) => Promise<Waited>,
  ): Promise<Waited> | undefined {
    if (this.#waiters >= this.#mostWaiters) return undefined;
    const flight = this.#inFlight.get(key) ?? this.#begin(key, begin, this.#mostFlights);
    if (flight === undefined) return undefined;
    this.#waiters++;
    return wait(flight).finally(() => {
      this.#waiters--;
    });
  }

  /** Begins a flight that nobody waits for; false when there is one already, or no room. */
  send(key: string, begin: () => Promise<Result>): boolean {
    if (this.#inFlight.has(key)) return false;
    return this.#begin(key, begin, this.#mostFlights * RESERVED_SHARE) !== undefined;
  }

  /** When all that are under way have ended, however. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#inFlight.values());
  }

  #begin(key: string, begin: () => Promise<Result>, most: number): Promise<Result> | undefined {
    if (this.#inFlight.size >= most) return undefined;
    const flight = begin();
    this.#inFlight.set(key, flight);
    const end = () => this.#inFlight.delete(key);
    flight.then(end, end);
    return flight;
  }
}
