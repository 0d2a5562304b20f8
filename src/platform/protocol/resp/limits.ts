/** Everything that a peer could otherwise choose freely, with its default. */
export interface RespLimits {
  /** Connections; one more is told `max number of clients reached` and closed. Default 10,000, as Redis. */
  readonly maxClients: number;
  /** Arguments of one command, its name included. Default 65,536. */
  readonly maxArguments: number;
  /** Bytes of one argument. Default 8 MiB. */
  readonly maxBulkBytes: number;
  /** Bytes of all arguments of one command. Default 16 MiB. */
  readonly maxFrameBytes: number;
  /** Bytes of unfinished commands of all connections together; who goes beyond is cut. Default 256 MiB. */
  readonly maxUnfinishedBytes: number;
  /** Bytes of an inline command's line. Default 64 KiB, as Redis. */
  readonly maxInlineBytes: number;
  /** Arguments of one command before authentication. Default 10, as Redis. */
  readonly unauthenticatedArguments: number;
  /** Bytes of one argument before authentication. Default 16 KiB, as Redis. */
  readonly unauthenticatedBulkBytes: number;
  /** Commands of one connection whose replies are outstanding; above it the socket is not read. Default 4,096. */
  readonly maxPendingReplies: number;
  /** Unsent reply bytes of one connection; above it the socket is not read. Default 1 MiB. */
  readonly outputSoftBytes: number;
  /** Unsent reply bytes of one connection; above it the connection is cut. Default 64 MiB. */
  readonly outputHardBytes: number;
  /** A connection that stays above the soft limit for this many milliseconds is cut. Default 60,000. */
  readonly outputStallMs: number;
  /** A connection that is silent for this many milliseconds is closed; 0, the default, never does. */
  readonly idleTimeoutMs: number;
}

export const defaultRespLimits: RespLimits = {
  maxClients: 10_000,
  maxArguments: 65_536,
  maxBulkBytes: 8 * 1024 * 1024,
  maxFrameBytes: 16 * 1024 * 1024,
  maxUnfinishedBytes: 256 * 1024 * 1024,
  maxInlineBytes: 64 * 1024,
  unauthenticatedArguments: 10,
  unauthenticatedBulkBytes: 16 * 1024,
  maxPendingReplies: 4_096,
  outputSoftBytes: 1024 * 1024,
  outputHardBytes: 64 * 1024 * 1024,
  outputStallMs: 60_000,
  idleTimeoutMs: 0,
};
