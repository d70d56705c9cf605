/** The files of deploy/ say what the program does: ports, options, times. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseArguments } from '../../src/cli/arguments.ts';
import { readConfiguration } from '../../src/cli/configuration.ts';
import { DEFAULT_LIMITS } from '../../src/receiver/otlp/receiver-limits.ts';
import { DEFAULT_SERVER_SETTINGS } from '../../src/server/settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8');
const { grpc, http, api, drain } = DEFAULT_SERVER_SETTINGS;
const PORTS = [grpc?.port, http?.port, api.port];

interface CollectorFile {
  readonly receivers: object;
  readonly processors?: object;
  readonly extensions?: object;
  readonly exporters: Record<string, Record<string, unknown>>;
  readonly service: {
    readonly extensions?: string[];
    readonly pipelines: Record<string, { receivers: string[]; processors?: string[]; exporters: string[] }>;
  };
}

describe('snippets for the Collector', () => {
  it.each(['otel-collector.yaml', 'otel-collector-replicas.yaml'])('%s uses what it defines', (name) => {
    const file = parse(text(name)) as CollectorFile;
    for (const [pipeline, parts] of Object.entries(file.service.pipelines)) {
      // Fluo takes traces only.
      expect(pipeline).toMatch(/^traces/);
      for (const receiver of parts.receivers) expect(Object.keys(file.receivers)).toContain(receiver);
      for (const processor of parts.processors ?? [])
        expect(Object.keys(file.processors ?? {})).toContain(processor);
      for (const exporter of parts.exporters) expect(Object.keys(file.exporters)).toContain(exporter);
    }
    for (const extension of file.service.extensions ?? []) {
      expect(Object.keys(file.extensions ?? {})).toContain(extension);
    }
  });

  it('send to the port of gRPC, beside another backend, with retries and a queue', () => {
    const { exporters, service } = parse(text('otel-collector.yaml')) as CollectorFile;
    expect(exporters['otlp/fluo']).toMatchObject({
      endpoint: `fluo:${grpc?.port}`,
      retry_on_failure: { enabled: true },
      sending_queue: { enabled: true },
    });
    expect(service.pipelines['traces']?.exporters).toEqual(['otlp/backend', 'otlp/fluo']);
  });

  it('make no batch that is over the limits of a request', () => {
    const { processors } = parse(text('otel-collector.yaml')) as {
      processors: { batch: Record<string, number> };
    };
    const { send_batch_size: least = 0, send_batch_max_size: most = 0 } = processors.batch;
    expect(most).toBeGreaterThanOrEqual(least);
    expect(most * 8_000).toBeLessThanOrEqual(DEFAULT_LIMITS.unpackedBytes);
    expect(least).toBeGreaterThan(0);
  });

  it('send all spans of a trace to one of several servers', () => {
    const { exporters } = parse(text('otel-collector-replicas.yaml')) as CollectorFile;
    expect(exporters['loadbalancing/fluo']).toMatchObject({
      routing_key: 'traceID',
      resolver: { dns: { port: grpc?.port } },
    });
  });
});

/** The command line of a text, as the program reads it. */
function understood(words: readonly string[]) {
  const parsed = parseArguments(words);
  if (parsed.kind !== 'invocation') throw new Error(`not understood: ${words.join(' ')}`);
  return parsed.invocation;
}

function optionOf({ options }: ReturnType<typeof understood>, name: string): string | undefined {
  return options.find((option) => option.name === name)?.value?.value;
}

/** The program takes it for a fluo.yaml, and says nothing about it. */
function expectSettings(settings: string): void {
  const { configuration, diagnostics } = readConfiguration(
    { name: 'fluo.yaml', text: settings },
    '/etc/fluo/fluo.yaml',
  );
  expect(diagnostics).toEqual([]);
  expect(configuration).not.toBeNull();
}

describe('the image', () => {
  const containerfile = text('Containerfile');

  it('runs a command that the program understands, on all its ports, as no root', () => {
    const line = /^CMD (\[.*\])$/m.exec(containerfile)?.[1] ?? '[]';
    const invocation = understood(JSON.parse(line) as string[]);
    expect(invocation.command.name).toBe('serve');
    expect(/^EXPOSE (.*)$/m.exec(containerfile)?.[1]?.split(' ').map(Number)).toEqual(PORTS);
    expect(optionOf(invocation, 'config')).toBe('/etc/fluo/fluo.yaml');
    expect(containerfile).toContain('COPY deploy/fluo.yaml /etc/fluo/fluo.yaml');
    expectSettings(text('fluo.yaml'));
    for (const name of ['grpc', 'http', 'api'] as const) {
      expect(optionOf(invocation, name)).toBe(`0.0.0.0:${DEFAULT_SERVER_SETTINGS[name]?.port}`);
    }
    expect(containerfile).toMatch(/^USER node$/m);
    expect(containerfile).toContain(`127.0.0.1:${api.port}/healthz`);
  });

  it('copies what is there', () => {
    for (const [, source = ''] of containerfile.matchAll(/^COPY --from=build \/build\/(\S+)/gm)) {
      if (source !== 'dist' && source !== 'node_modules')
        expect(existsSync(join(root, source)), source).toBe(true);
    }
  });
});

describe('the unit of systemd', () => {
  const unit = text('fluo.service');

  it('runs a command that the program understands, and waits for its stop', () => {
    const words = /^ExecStart=\/usr\/bin\/env fluo (.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
    expect(understood(words).command.name).toBe('serve');
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) * 1000).toBeGreaterThan(drain);
  });
});

describe('the Kubernetes files', () => {
  const documents = parseAllDocuments(text('kubernetes.yaml')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as { readonly kind: string; readonly spec: Record<string, never> };
  });

  it('name the ports of the program, and wait for its stop', () => {
    const set = documents.find(({ kind }) => kind === 'StatefulSet') as unknown as {
      spec: {
        template: {
          spec: {
            terminationGracePeriodSeconds: number;
            securityContext: { runAsNonRoot: boolean };
            containers: { ports: { name: string; containerPort: number }[] }[];
          };
        };
      };
    };
    const { spec } = set.spec.template;
    expect(spec.containers[0]?.ports.map(({ containerPort }) => containerPort)).toEqual(PORTS);
    expect(spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(drain);
    expect(spec.securityContext.runAsNonRoot).toBe(true);
  });

  it('mount settings, rules and data where the command looks for them', () => {
    const set = documents.find(({ kind }) => kind === 'StatefulSet') as unknown as {
      spec: {
        template: {
          spec: {
            containers: { args: string[]; volumeMounts: { name: string; mountPath: string }[] }[];
            volumes: { name: string; configMap: { name: string } }[];
          };
        };
      };
    };
    const { containers, volumes } = set.spec.template.spec;
    const [container] = containers;
    const invocation = understood(container?.args ?? []);
    const places = Object.fromEntries(
      container?.volumeMounts.map(({ name, mountPath }) => [name, mountPath]) ?? [],
    );
    expect(places).toMatchObject({ data: '/data', rules: optionOf(invocation, 'rules') });
    expect(optionOf(invocation, 'config')).toBe(`${places['config']}/fluo.yaml`);
    const image = JSON.parse(/^CMD (\[.*\])$/m.exec(text('Containerfile'))?.[1] ?? '[]') as string[];
    expect(invocation.options.map(({ name, value }) => [name, value?.value])).toEqual(
      understood(image).options.map(({ name, value }) => [name, value?.value]),
    );
    const map = documents.find(({ kind }) => kind === 'ConfigMap') as unknown as {
      metadata: { name: string };
      data: { 'fluo.yaml': string };
    };
    expect(volumes.find(({ name }) => name === 'config')?.configMap.name).toBe(map.metadata.name);
    const settings = map.data['fluo.yaml'];
    expectSettings(settings);
    // The example of notifications in it, uncommented.
    expectSettings(settings.replace(/^# ?/gm, ''));
  });

  it('open the API to nobody outside', () => {
    const service = documents.find(({ kind }) => kind === 'Service') as unknown as {
      spec: { ports: { port: number }[]; type?: string };
    };
    expect(service.spec.ports.map(({ port }) => port)).toEqual([grpc?.port, http?.port]);
    expect(service.spec.type).toBeUndefined();
  });
});
