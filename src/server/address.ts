/** Addresses as people write them: `127.0.0.1:4317`, `[::1]:4318`, `localhost:0`. */

export interface Address {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** What an address looks like, port ranges aside. */
export const ADDRESS = /^(?:\[[0-9A-Fa-f:.%a-z]+\]|[^\s:[\]/]+):\d{1,5}$/;
export const ADDRESS_OR_OFF = new RegExp(`${ADDRESS.source}|^off$`);

/** Null when the text is no address, or its port is past 65535. */
export function parseAddress(text: string): Address | null {
  const match = /^(?:\[([^\]\s]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const port = Number(match[3]);
  return port > 65_535 ? null : { host: match[1] ?? match[2] ?? '', port };
}

export function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Where a client on this machine reaches what listens there. */
export function reachableUrl({ host, port }: Address): string {
  const all = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${addressText({ host: all, port })}`;
}
