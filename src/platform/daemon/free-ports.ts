/** The addresses of a daemon that lives for a moment beside others: of a tour, of a measurement. */
import type { OptionSchema, OptionSpec } from '../config/options.js';
import { OFF } from './shared-options.js';

type AddressSpec = Extract<OptionSpec, { readonly kind: 'address' }>;

/** Whether the option is an endpoint that listens unless something is said. */
export function listensByDefault(spec: OptionSpec): spec is AddressSpec {
  return spec.kind === 'address' && spec.default !== OFF && spec.onlyWith === undefined;
}

/** Every endpoint that listens by default, on a port that the operating system chooses; what is off stays off. */
export function freePorts(options: OptionSchema): Record<string, string> {
  const listening = Object.entries(options).filter(([, spec]) => listensByDefault(spec));
  return Object.fromEntries(listening.map(([key]) => [key, '127.0.0.1:0']));
}
