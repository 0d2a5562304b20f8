/** What a syslog port has seen; everything that was not kept is in it with its reason. */
export interface SyslogCounts {
  messages: number;
  /** Datagrams that were dropped because entries were not taken fast enough. */
  dropped: number;
  /** Lines that were cut at the bound. */
  cut: number;
  /** Connections that were closed because they announced a frame beyond the bound. */
  badFrames: number;
  /** Connections that were closed because there are too many, or too many half messages in memory. */
  refused: number;
  /** Connections that were closed because nothing came. */
  idle: number;
  /** Connections that are open. */
  connections: number;
}

export function noCounts(): SyslogCounts {
  return { messages: 0, dropped: 0, cut: 0, badFrames: 0, refused: 0, idle: 0, connections: 0 };
}

/** What of the traffic did not come in whole, in words; undefined where all did. `kernelDrops`: datagrams that were not even seen. */
export function lossesOf(
  { dropped, cut, badFrames, refused }: Readonly<SyslogCounts>,
  kernelDrops: number,
): string | undefined {
  const losses = [
    [dropped, 'datagrams dropped, because entries were not taken fast enough'],
    [kernelDrops, 'datagrams dropped by the kernel, because they were not read fast enough'],
    [cut, 'lines cut, which were too long'],
    [badFrames, 'connections closed, which announced a frame that is too long'],
    [refused, 'connections refused, because there are too many'],
  ] as const;
  const said = losses.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return said.length === 0 ? undefined : said.join('; ');
}
