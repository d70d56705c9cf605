/** Diagnostics of every sort: with a frame, over several lines, without a text, with a fix. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { buildDiagnosticsReport } from '../reported-diagnostic.ts';

const SOURCE = {
  name: 'invariants/payment.yaml',
  text: `rules:
  - id: charged
    condition: |
      when   { payment.charge.where(amount > 1000) }
      always { trace.hass(inventory.reserve)
               and payment.fraud_check }
`,
};

const at = (text: string) => {
  const start = SOURCE.text.indexOf(text);
  return { start, end: start + text.length };
};

const DIAGNOSTICS: readonly Diagnostic[] = [
  {
    code: 'FL401',
    severity: 'warning',
    message: 'the clause is long',
    source: SOURCE,
    range: { start: at('always').start, end: at('payment.fraud_check }').end },
    notes: ['Two clauses say the same, and say which one was broken'],
    help: 'Write two `always` clauses',
  },
  {
    code: 'FL101',
    severity: 'error',
    message: '`hass` is no function: expected `has`, `count`, `sum`, `distinct` or `all`',
    source: SOURCE,
    range: at('hass'),
    help: 'Did you mean `has`?',
    fix: { range: at('hass'), text: 'has' },
  },
  {
    code: 'FL701',
    severity: 'error',
    message: '`rules/` is not there',
    file: 'rules/',
    help: 'Name a folder with rule files: `fluo check --rules invariants/ traces.json`',
  },
  {
    code: 'FL501',
    severity: 'info',
    message: '`traces.json` holds metrics',
    file: 'traces.json',
    line: 3,
    help: 'Leave it out',
  },
];

export const SAMPLE_DIAGNOSTICS = buildDiagnosticsReport(DIAGNOSTICS, 2);
