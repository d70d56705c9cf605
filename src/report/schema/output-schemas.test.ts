import Ajv from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../invariant/shape/json-schema.ts';
import { buildCheckReport } from '../build-check-report.ts';
import { CHECK_REPORTERS, DIAGNOSTICS_REPORTERS, TEST_REPORTERS } from '../reporters.ts';
import { PLAIN_OPTIONS } from '../style.ts';
import { HOSTILE_RULE, hostileResult } from '../testing/hostile.ts';
import { SAMPLE_RESULT, SAMPLE_RULES } from '../testing/sample-check.ts';
import { SAMPLE_DIAGNOSTICS } from '../testing/sample-diagnostics.ts';
import { SAMPLE_TESTS } from '../testing/sample-tests.ts';
import { OUTPUT_SCHEMAS } from './output-schemas.ts';

/** As published, and with every object closed: then a key that the schema does not know is an error, too. */
function problemsOf(name: string, document: unknown): unknown[] {
  const schema = OUTPUT_SCHEMAS[name];
  if (schema === undefined) throw new Error(`no schema ${name}`);
  return [schema, closed(schema)].flatMap((one) => {
    const validate = new Ajv.Ajv2020({ strict: true, allErrors: true }).compile(one);
    return validate(document) ? [] : [...(validate.errors ?? [])];
  });
}

function closed<Value>(schema: Value): Value {
  if (Array.isArray(schema)) return schema.map(closed) as Value;
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  const isObject = 'properties' in schema && 'required' in schema;
  return Object.fromEntries([...entries, ...(isObject ? [['additionalProperties', false]] : [])]) as Value;
}

const written = (pieces: Iterable<string>) => JSON.parse([...pieces].join(''));
const check = () =>
  written(CHECK_REPORTERS.json(buildCheckReport(SAMPLE_RESULT, SAMPLE_RULES), PLAIN_OPTIONS));

describe('the published schemas', () => {
  it.each([
    ['check-report.schema.json', 'a check', check],
    [
      'check-report.schema.json',
      'hostile text',
      () => written(CHECK_REPORTERS.json(buildCheckReport(hostileResult(), [HOSTILE_RULE]), PLAIN_OPTIONS)),
    ],
    [
      'test-report.schema.json',
      'rule tests',
      () => written(TEST_REPORTERS.json(SAMPLE_TESTS, PLAIN_OPTIONS)),
    ],
    [
      'diagnostics-report.schema.json',
      'diagnostics',
      () => written(DIAGNOSTICS_REPORTERS.json(SAMPLE_DIAGNOSTICS, PLAIN_OPTIONS)),
    ],
  ])('%s holds for %s', (name, _, document) => {
    expect(problemsOf(name, document())).toEqual([]);
  });

  it.each([
    ['a missing key', (report: Record<string, unknown>) => delete report['traces']],
    ['a text for a count', (report: Record<string, unknown>) => Object.assign(report, { traces: '1' })],
    ['another version', (report: Record<string, unknown>) => Object.assign(report, { schemaVersion: 2 })],
    ['a key too many', (report: Record<string, unknown>) => Object.assign(report, { more: 1 })],
  ])('notice %s', (_, change) => {
    const report = check();
    change(report);
    expect(problemsOf('check-report.schema.json', report)).not.toEqual([]);
  });

  it('describe every key', () => {
    const undescribed: string[] = [];
    const walk = (schema: JsonSchema, path: string) => {
      for (const [key, value] of Object.entries(schema)) {
        if (typeof value !== 'object' || value === null) continue;
        if (key === 'properties') {
          for (const [name, property] of Object.entries(value)) {
            if (!('description' in (property as object))) undescribed.push(`${path}/${name}`);
          }
        }
        walk(value as JsonSchema, `${path}/${key}`);
      }
    };
    for (const schema of Object.values(OUTPUT_SCHEMAS)) walk(schema, '');
    expect(undescribed).toEqual([]);
  });
});
