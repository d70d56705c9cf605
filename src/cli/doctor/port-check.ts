/** Whether the addresses are free; where a server of this folder runs, which ones it says are its own. */
import { type Address, addressText, parseAddress } from '../../server/address.ts';
import type { StatusDocument } from '../../server/api/api-documents.ts';
import type { LockHolder } from '../../server/lock.ts';
import type { ServerSettings } from '../../server/settings.ts';
import { type Finding, problem, well } from './finding.ts';
import type { Machine } from './machine.ts';

const NAMES = { grpc: 'OTLP/gRPC', http: 'OTLP/HTTP', api: 'API' } as const;
type Name = keyof typeof NAMES;

export async function checkPorts(
  machine: Machine,
  settings: ServerSettings,
  holder: LockHolder | null,
): Promise<Finding[]> {
  const listens = holder === null ? null : await listensOf(machine, holder);
  const findings: Finding[] = [];
  for (const name of ['grpc', 'http', 'api'] as const) {
    const address = settings[name];
    if (holder === null) findings.push(await freeOrNot(machine, name, address));
    else if (listens === null) findings.push(await unclaimed(machine, name, address, holder));
    else findings.push(await ofServer(machine, name, address, listens[name], holder));
  }
  return findings;
}

/** Where the server says that it listens; null: it does not say. */
async function listensOf(machine: Machine, { api }: LockHolder): Promise<StatusDocument['listens'] | null> {
  const answer = api === null ? null : await machine.fetchText(`${api}/api/v1/status`);
  if (answer === null || answer.status !== 200) return null;
  try {
    return (JSON.parse(answer.text) as Partial<StatusDocument>).listens ?? null;
  } catch {
    return null;
  }
}

async function freeOrNot(machine: Machine, name: Name, address: Address | null): Promise<Finding> {
  const subject = NAMES[name];
  if (address === null) return well(subject, 'off');
  const place = addressText(address);
  const taken = await machine.occupied(address);
  if (taken === null) return well(subject, `${place} is free`);
  if (taken.code === 'EADDRINUSE') {
    const help = `end it, or give Fluo another address with \`--${name}\` or in \`fluo.yaml\``;
    return { subject, text: place, problems: [problem('FL840', 'error', heldBy(place, taken.by), help)] };
  }
  return {
    subject,
    text: place,
    problems: [
      problem(
        taken.code === 'EACCES' ? 'FL841' : 'FL842',
        'error',
        `\`${place}\` cannot be listened at: ${taken.code}`,
        'use an address of this machine, such as `127.0.0.1`, and a port above 1023',
      ),
    ],
  };
}

/** A server that is starting, or is not reached: what holds a port may be it or not. */
async function unclaimed(
  machine: Machine,
  name: Name,
  address: Address | null,
  { pid }: LockHolder,
): Promise<Finding> {
  const subject = NAMES[name];
  if (address === null) return well(subject, 'off by the settings');
  const place = addressText(address);
  const taken = await machine.occupied(address);
  if (taken === null) return well(subject, `${place}: nothing listens there yet`);
  const by = taken.by === null ? 'in use' : `held by \`${taken.by}\``;
  return well(subject, `${place} is ${by}; the server (process ${pid}) does not say whether by it`);
}

/** The settings may say something else: options of the command line, or an edit since the start. */
async function ofServer(
  machine: Machine,
  name: Name,
  address: Address | null,
  actual: string | null,
  { pid }: LockHolder,
): Promise<Finding> {
  const subject = NAMES[name];
  const server = `process ${pid}`;
  const text = actual === null ? `off in the server (${server})` : `${actual} is the server's (${server})`;
  if (isSame(address, actual)) return well(subject, text);
  if (address === null) return well(subject, `${text}, and off by the settings`);
  const place = addressText(address);
  const finding = { subject, text: `${text}, and ${place} by the settings`, problems: [] };
  const taken = await machine.occupied(address);
  if (taken?.code !== 'EADDRINUSE') return finding;
  const help =
    'what is sent there does not reach Fluo: send to the address of the server, or end the other program and start Fluo again';
  return { ...finding, problems: [problem('FL840', 'warning', heldBy(place, taken.by), help)] };
}

/** Port 0 is any; names of hosts and "all addresses" are not compared. */
function isSame(address: Address | null, actual: string | null): boolean {
  if (address === null || actual === null) return address === null && actual === null;
  return address.port === 0 || parseAddress(actual)?.port === address.port;
}

function heldBy(place: string, by: string | null): string {
  return `\`${place}\` is held by ${by === null ? 'another program' : `\`${by}\``}`;
}
