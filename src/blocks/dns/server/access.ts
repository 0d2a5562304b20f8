/** Who may do what, by address. */
import { type IpNetwork, isWithin, parseIp, parseNetwork } from '../../../platform/ip-address.js';
import { dnsErrors } from '../errors.js';

export class AccessList {
  readonly #networks: readonly IpNetwork[];
  /** Decisions by address: parsing one takes longer than an answer. */
  readonly #known = new Map<string, boolean>();

  constructor(networks: readonly IpNetwork[]) {
    this.#networks = networks;
  }

  /** Error: `dns.bad_network`; `flag` is where the texts come from. */
  static parse(texts: readonly string[], flag: string): AccessList {
    return new AccessList(
      texts.map((text) => {
        const network = parseNetwork(text);
        if (network !== undefined) return network;
        throw dnsErrors.error('dns.bad_network', `${flag} "${text.slice(0, 60)}" is no address or network`, {
          hint: `write ${flag} 192.0.2.1 or ${flag} 192.0.2.0/24`,
          details: { value: text.slice(0, 60) },
        });
      }),
    );
  }

  get isEmpty(): boolean {
    return this.#networks.length === 0;
  }

  allows(address: string): boolean {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const ip = parseIp(address);
    const allowed = ip !== undefined && this.#networks.some((network) => isWithin(ip, network));
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(address, allowed);
    return allowed;
  }
}

const MOST_KNOWN = 10_000;

/** This machine. */
export const loopbackTexts = ['127.0.0.0/8', '::1'] as const;
