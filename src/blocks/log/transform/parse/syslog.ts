/** `parse=syslog`: lines of /var/log/syslog, or of RFC 5424 with its priority: host, app, procid, msgid, structured data. */

import { SyslogMessage } from '../../syslog/message.js';
import { facilityOf, levelOfSeverity, severityOf } from '../../syslog/priority.js';
import { nowOf } from '../timestamp/epoch.js';
import { UTC } from '../timestamp/zone.js';
import type { LineParser } from './parser.js';

/** The time of the line is what `timestamp=` reads; here it is only stepped over. */
const ANY_TIME = nowOf(0);

export function syslogParser(): LineParser {
  const message = new SyslogMessage(UTC);
  return {
    name: 'syslog',
    parse({ bytes, starts, ends }, index, fields) {
      const start = starts[index] ?? 0;
      message.read(bytes, start, ends[index] ?? 0, ANY_TIME);
      if (message.format === 0) return false;
      if (message.host !== undefined) fields.set('hostname', message.host);
      if (message.app !== undefined) fields.set('app', message.app);
      if (message.processId !== undefined) fields.set('procid', message.processId);
      if (message.messageId !== undefined) fields.set('msgid', message.messageId);
      if (bytes[start] === 0x3c) {
        fields.set('facility', facilityOf(message.priority));
        fields.set('severity', severityOf(message.priority));
        fields.set('level', levelOfSeverity(message.priority & 7));
      }
      const { data = {} } = message;
      for (const name of Object.keys(data)) fields.set(name, data[name] ?? '');
      return true;
    },
  };
}
