/** Opens a port, and says in plain words why it cannot be opened. */
import type { AddressInfo, Server } from 'node:net';
import type { DiagnosticCode } from '../../diagnostic/codes.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';

export interface Listening {
  /** `127.0.0.1`, `0.0.0.0`, `::1`, ... */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** A server that takes requests. */
export interface RunningReceiver {
  /** Where it really listens. */
  readonly address: Listening;
  /**
   * Takes no more connections. Graceful: requests that have begun are finished and answered, then connections are closed; a
   * request that does not arrive is ended by its timeout. Otherwise all connections are broken at once. May be called again to
   * break off a graceful close. Resolves when nothing is open.
   */
  close(graceful: boolean): Promise<void>;
}

export type Started =
  | { readonly receiver: RunningReceiver; readonly problem: null }
  | { readonly receiver: null; readonly problem: Diagnostic };

/**
 * Resolves to the address, or to what is in the way. `purpose` says what the port is for: `OTLP over HTTP`. Connections that the system
 * does not give out later, for want of file descriptors usually, are told to `lost`, and end nothing else.
 */
export function listen(
  server: Server,
  at: Listening,
  purpose: string,
  lost: () => void = () => {},
): Promise<{ readonly address: Listening } | { readonly problem: Diagnostic }> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      resolve({ problem: problemOf(error, at, purpose) });
    server.once('error', failed);
    server.listen({ host: at.host, port: at.port }, () => {
      server.off('error', failed);
      server.on('error', lost);
      const { address, port } = server.address() as AddressInfo;
      resolve({ address: { host: address, port } });
    });
  });
}

function problemOf(error: NodeJS.ErrnoException, { host, port }: Listening, purpose: string): Diagnostic {
  const place = `\`${host.includes(':') ? `[${host}]` : host}:${port}\``;
  const problem = (code: DiagnosticCode, message: string, help: string): Diagnostic => ({
    code,
    severity: 'error',
    message,
    help,
  });
  switch (error.code) {
    case 'EADDRINUSE':
      return problem(
        'FL840',
        `${place}, for ${purpose}, is in use by another program`,
        `stop what listens there (an OpenTelemetry Collector, Jaeger or another \`fluo serve\`, usually; \`${
          process.platform === 'linux' ? `ss -ltnp 'sport = :${port}'` : `lsof -nP -iTCP:${port} -sTCP:LISTEN`
        }\` shows it), or choose another port: \`--http\`, \`--grpc\` or \`--api\`, or \`serve\` in fluo.yaml`,
      );
    case 'EACCES':
      return problem(
        'FL841',
        `${place}, for ${purpose}, may not be opened by this user`,
        'choose a port above 1023',
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return problem(
        'FL842',
        `${place}, for ${purpose}, is no address of this machine`,
        'use `127.0.0.1` to take spans from this machine only, `0.0.0.0` to take them from anywhere',
      );
    default:
      return problem(
        'FL843',
        `cannot listen at ${place} for ${purpose}: ${error.message}`,
        'see what the system says, and try another address or port',
      );
  }
}
