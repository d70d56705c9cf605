import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseArguments } from './arguments.ts';
import { loadConfiguration, readConfiguration } from './configuration.ts';
import { configurationSchema } from './configuration-shape.ts';
import { memoryIo } from './memory-io.ts';

const WHOLE = `version: 1
rules: [invariants/, shared/more.yaml]
environment: production
clock_skew: 1.5ms
sampling: true
limits: { idle: 20s, idle_after_root: 5s, max_age: 2m, max_spans: 100, max_group_age: 10m }
`;

function load(files: Record<string, string>, cwd: string, ...options: string[]) {
  const parsed = parseArguments(['fmt', ...options]);
  if (parsed.kind !== 'invocation') throw new Error('not an invocation');
  return loadConfiguration(memoryIo({ argv: [], files, cwd }), parsed.invocation);
}

describe('loadConfiguration', () => {
  it('reads every key', () => {
    const { configuration, diagnostics } = readConfiguration(
      { name: 'fluo.yaml', text: WHOLE },
      '/project/fluo.yaml',
    );
    expect(diagnostics).toEqual([]);
    expect(configuration).toMatchObject({
      path: '/project/fluo.yaml',
      rules: [{ path: '/project/invariants' }, { path: '/project/shared/more.yaml' }],
      environment: 'production',
      clockSkew: 1_500_000n,
      sampling: true,
      limits: {
        idle: 20_000_000_000n,
        idleAfterRoot: 5_000_000_000n,
        maxAge: 120_000_000_000n,
        maxSpans: 100,
        maxGroupAge: 600_000_000_000n,
      },
    });
  });

  it('takes the nearest file upwards, and the one that is named before it', () => {
    const files = {
      '/project/fluo.yaml': 'environment: outer',
      '/project/a/fluo.yaml': 'environment: inner',
      '/project/other.yaml': 'environment: named',
    };
    expect(load(files, '/project/a/b').configuration?.environment).toBe('inner');
    expect(load(files, '/project/c').configuration?.environment).toBe('outer');
    expect(load(files, '/project/a', '--config', '../other.yaml').configuration?.environment).toBe('named');
  });

  it('goes by its defaults without a file and with an empty one', () => {
    expect(load({}, '/project').configuration).toMatchObject({
      path: null,
      rules: null,
      clockSkew: 0n,
      sampling: false,
    });
    expect(load({ '/project/fluo.yaml': '# nothing\n' }, '/project').configuration).toMatchObject({
      rules: null,
      limits: { idle: 30_000_000_000n, maxSpans: 50_000 },
    });
  });

  it.each([
    ['clok_skew: 5ms', 'FL304', 'clock_skew'],
    ['clock_skew: 5', 'FL306', 'a duration such as'],
    ['clock_skew: 5 ms', 'FL308', 'duration'],
    ['limits: { idel: 5s }', 'FL304', 'idle'],
    ['limits: { max_spans: 0 }', 'FL308', '1'],
    ['rules: invariants/', 'FL306', '[invariants/]'],
    ['- rules', 'FL306', 'rules'],
    ['rules: [a', 'FL301', ''],
    ['sampling: yes please', 'FL306', 'true'],
    ['version: 2', 'FL307', '1'],
  ])('refuses %s', (text, code, help) => {
    const { configuration, diagnostics } = readConfiguration(
      { name: 'fluo.yaml', text },
      '/project/fluo.yaml',
    );
    expect(configuration).toBe(null);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(diagnostics[0]?.help).toContain(help);
    expect(diagnostics[0]?.range).toBeDefined();
  });

  it('says that a named file is not there', () => {
    expect(load({}, '/project', '--config', 'nope.yaml').diagnostics).toMatchObject([{ code: 'FL710' }]);
  });
});

describe('the schema of fluo.yaml', () => {
  it('accepts what the program accepts, and refuses what it refuses', () => {
    const validate = new Ajv2020({ strict: false }).compile(configurationSchema());
    expect(validate(parse(WHOLE))).toBe(true);
    for (const text of [
      'clok_skew: 5ms',
      'clock_skew: 5',
      'limits: { max_spans: 0 }',
      'rules: invariants/',
    ]) {
      expect(validate(parse(text)), text).toBe(false);
    }
  });
});
