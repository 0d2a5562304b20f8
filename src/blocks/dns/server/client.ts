/** Who asks, and over what. */
export interface Client {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'https';
  /** IP address, as the socket tells it. */
  readonly address: string;
  readonly port: number;
}
