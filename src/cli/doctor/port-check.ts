/** Whether the addresses are free; where a server of this folder runs, they are its own. */
import { addressText } from '../../server/address.ts';
import type { LockHolder } from '../../server/lock.ts';
import type { ServerSettings } from '../../server/settings.ts';
import { type Finding, problem, well } from './finding.ts';
import type { Machine } from './machine.ts';

const NAMES = { grpc: 'OTLP/gRPC', http: 'OTLP/HTTP', api: 'API' } as const;

export async function checkPorts(
  machine: Machine,
  settings: ServerSettings,
  holder: LockHolder | null,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of ['grpc', 'http', 'api'] as const) {
    const address = settings[name];
    const subject = NAMES[name];
    if (address === null) {
      findings.push(well(subject, 'off'));
      continue;
    }
    const place = addressText(address);
    const taken = await machine.occupied(address);
    if (taken === null) {
      findings.push(well(subject, holder === null ? `${place} is free` : `${place}: nothing listens there`));
    } else if (holder !== null && taken.code === 'EADDRINUSE') {
      findings.push(well(subject, `${place} is the server's (process ${holder.pid})`));
    } else {
      const by = taken.by === null ? 'another program' : `\`${taken.by}\``;
      const isTaken = taken.code === 'EADDRINUSE';
      findings.push({
        subject,
        text: place,
        problems: [
          problem(
            isTaken ? 'FL840' : taken.code === 'EACCES' ? 'FL841' : 'FL842',
            'error',
            isTaken ? `\`${place}\` is held by ${by}` : `\`${place}\` cannot be listened at: ${taken.code}`,
            isTaken
              ? `end it, or give Fluo another address with \`--${name}\` or in \`fluo.yaml\``
              : 'use an address of this machine, such as `127.0.0.1`, and a port above 1023',
          ),
        ],
      });
    }
  }
  return findings;
}
