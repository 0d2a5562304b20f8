/** What a syslog port has seen; everything that was not kept is in it with its reason. */
export interface SyslogCounts {
  messages: number;
  /** Datagrams that were dropped because entries were not taken fast enough. */
  dropped: number;
  /** Lines that were cut at the bound. */
  cut: number;
  /** Connections that were closed because they announced a frame beyond the bound. */
  badFrames: number;
  /** Connections beyond the bound, closed at once. */
  refused: number;
  /** Connections that were closed because nothing came. */
  idle: number;
  /** Connections that are open. */
  connections: number;
}

export function noCounts(): SyslogCounts {
  return { messages: 0, dropped: 0, cut: 0, badFrames: 0, refused: 0, idle: 0, connections: 0 };
}
