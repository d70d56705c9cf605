/** What can go wrong where spans are received over the network. FL840 to FL849. */
import type { CodeEntry } from '../codes.ts';

export const RECEIVING_CODES = {
  FL840: {
    name: 'port-in-use',
    title: 'A port that Fluo listens on is free',
    explanation:
      'Another program listens there already. On 4317 and 4318 that is usually an OpenTelemetry Collector, Jaeger, or another `fluo serve`. ' +
      'On Linux `ss -ltnp` shows who it is, on macOS `lsof -nP -iTCP -sTCP:LISTEN`. Stop it, or choose another port in `fluo.yaml` and give it ' +
      'to the programs that send spans.',
  },
  FL841: {
    name: 'port-not-allowed',
    title: 'A port that Fluo listens on may be opened by its user',
    explanation:
      'The system does not let this user listen there. Ports below 1024 belong to the administrator on most systems. Choose a port above it: ' +
      'OTLP has 4317 for gRPC and 4318 for HTTP.',
  },
  FL842: {
    name: 'address-not-local',
    title: 'An address that Fluo listens on belongs to this machine',
    explanation:
      'The host is not an address of this machine, or its name is not known here. `127.0.0.1` takes spans from this machine only, `0.0.0.0` from ' +
      'anywhere, which a container needs.',
  },
  FL843: {
    name: 'cannot-listen',
    title: 'The system lets Fluo listen for connections',
    explanation:
      'The system refused for a reason of its own, which the message quotes: too few file descriptors, usually, or no network.',
  },
} as const satisfies Record<string, CodeEntry>;
