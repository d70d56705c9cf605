/** The JSON Schemas of all outputs, by the name of their file in `schema/`. */
import type { JsonSchema } from '../../invariant/shape/json-schema.ts';
import { CHECK_REPORT } from './check-report-shape.ts';
import { DIAGNOSTICS_REPORT, TEST_REPORT } from './other-report-shapes.ts';
import { outputSchema } from './output-shape.ts';

const BASE = 'https://raw.githubusercontent.com/fluohq/fluo/main/schema';

export const OUTPUT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  'check-report.schema.json': outputSchema(CHECK_REPORT, {
    id: `${BASE}/check-report.schema.json`,
    title: 'Fluo: report of a check',
    description: 'What `fluo check --format json` writes.',
  }),
  'test-report.schema.json': outputSchema(TEST_REPORT, {
    id: `${BASE}/test-report.schema.json`,
    title: 'Fluo: report of rule tests',
    description: 'What `fluo test --format json` writes.',
  }),
  'diagnostics-report.schema.json': outputSchema(DIAGNOSTICS_REPORT, {
    id: `${BASE}/diagnostics-report.schema.json`,
    title: 'Fluo: diagnostics',
    description: 'What `fluo lint --format json` and `fluo fmt --check --format json` write.',
  }),
};
