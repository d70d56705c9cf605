import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RULE_FILE_CODES } from '../diagnostic/codes/rule-file.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { positionOf } from '../diagnostic/position.ts';
import { printRule } from '../language/print.ts';
import { loadRuleFile } from './rule-file.ts';

const TODAY = '2026-11-20';

function load(text: string): ReturnType<typeof loadRuleFile> {
  return loadRuleFile({ name: 'payment.yaml', text }, TODAY);
}

/** `line:column code` of what is more than information. */
function problems(text: string): string[] {
  return load(text)
    .diagnostics.filter((diagnostic) => diagnostic.severity !== 'info')
    .map((diagnostic) => place(text, diagnostic));
}

function place(text: string, { range, code }: Diagnostic): string {
  const { line, column } = positionOf(text, range?.start ?? 0);
  return `${line}:${column} ${code}`;
}

function marked(text: string, { range }: Diagnostic): string {
  return text.slice(range?.start, range?.end);
}

function printed(text: string): string {
  const [rule] = load(text).rules;
  return rule === undefined ? '' : printRule(rule.condition.ast);
}

const FULL = `version: 1
lists:   { card_processors: [stripe, square] }             # of this file only
macros:  { paid: "payment.charge.where(span.status != error)" }
rules:
  - id: payment-requires-inventory
    name: Payment requires inventory reservation
    invariant: INVARIANT-44
    severity: critical
    category: Critical Data Protection
    enforcement: hard-block
    environments: [production]
    condition: |
      trace.has(payment.charge) and trace.has(inventory.reserve).before(payment.charge)
    on_incomplete: inconclusive
    raise: { share: 5%, within: 1m, at_least: 20 }
    exceptions:
      - { name: internal tenant, fields: [tenant_id], values: [[acme-internal]], reason: "ours", expires: 2027-03-01 }
      - { name: load test, fields: [synthetic, "resource.region"], values: [[true, eu], [1, us]], anywhere: true, reason: "load", expires: 2027-03-01 }
    compliance: ["SOC2 CC7.2"]
    owner: team-payments
    origin: incident:2026-01-20-index-deletion
    runbook: https://example.com/runbook
  - id: card-processor-known
    condition: $paid.where(processor in $card_processors) and receipt.send
`;

describe('loadRuleFile', () => {
  it('reads every key', () => {
    const { rules, diagnostics } = load(FULL);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual(['FL318']);
    const [rule, other] = rules;
    expect(rule).toMatchObject({
      id: 'payment-requires-inventory',
      name: 'Payment requires inventory reservation',
      invariant: 'INVARIANT-44',
      severity: 'critical',
      category: 'Critical Data Protection',
      enforcement: 'hard-block',
      environments: ['production'],
      onIncomplete: 'inconclusive',
      raise: { share: 0.05, withinNanos: 60_000_000_000n, atLeast: 20 },
      exceptions: [
        {
          name: 'internal tenant',
          fields: ['tenant_id'],
          values: [['acme-internal']],
          anywhere: false,
          reason: 'ours',
          expires: '2027-03-01',
        },
        {
          name: 'load test',
          fields: ['synthetic', 'resource.region'],
          values: [
            [true, 'eu'],
            [1, 'us'],
          ],
          anywhere: true,
        },
      ],
      compliance: ['SOC2 CC7.2'],
      owner: 'team-payments',
      origin: { kind: 'incident', reference: '2026-01-20-index-deletion' },
      runbook: 'https://example.com/runbook',
    });
    expect(rule?.condition.requirements).toHaveLength(1);
    const clause = rule?.condition.requirements[0]?.range ?? { start: 0, end: 0 };
    expect(FULL.slice(rule?.toFileOffset(clause.start), rule?.toFileOffset(clause.end))).toBe(
      'trace.has(inventory.reserve).before(payment.charge)',
    );
    expect(FULL.slice(rule?.range.start, rule?.range.end)).toMatch(/^id: payment[\s\S]*runbook$/);
    expect(other).toMatchObject({ id: 'card-processor-known', name: 'card-processor-known' });
  });

  it('gives what is not written its default', () => {
    const { rules } = load('rules:\n  - id: a-b\n    condition: a and b\n');
    expect(rules[0]).toMatchObject({
      name: 'a-b',
      invariant: null,
      severity: 'medium',
      category: null,
      enforcement: 'soft-warning',
      environments: null,
      onIncomplete: 'inconclusive',
      raise: null,
      exceptions: [],
      compliance: [],
      owner: null,
      origin: null,
      runbook: null,
    });
  });

  it.each([
    ['incident:x', 'soft-warning'],
    ['failure:x', 'audit-only'],
    ['"regulation:SOC2 CC7.2"', 'audit-only'],
    ['spec:checkout', 'audit-only'],
  ])('enforces a rule of origin %s as %s until a person says otherwise', (origin, enforcement) => {
    const text = (rest: string): string =>
      `rules:\n  - id: a-b\n    origin: ${origin}\n${rest}    condition: a and b\n`;
    expect(load(text('')).rules[0]?.enforcement).toBe(enforcement);
    expect(load(text('    enforcement: hard-block\n')).rules[0]?.enforcement).toBe('hard-block');
  });

  it("takes the guide's flat YAML as it stands", () => {
    const { rules, diagnostics } = load(`rules:
  - id: payment-requires-inventory
    name: "Payment requires inventory reservation"
    severity: critical
    condition: |
      trace.has(payment.charge)
        and trace.has(inventory.reserve)
`);
    expect(diagnostics.filter((diagnostic) => diagnostic.severity !== 'info')).toEqual([]);
    expect(rules[0]).toMatchObject({ id: 'payment-requires-inventory', severity: 'critical' });
  });

  it("points a condition's errors at their place in the file, however the condition is written", () => {
    const ways: [string, string][] = [
      ['    condition: |\n      trace.has(a)\n        and trace.hass(b)\n', 'trace.hass'],
      ['    condition: >-\n      trace.has(a)\n\n      and trace.hass(b)\n', 'trace.hass'],
      ['    condition: trace.has(a)\n      and trace.hass(b)\n', 'trace.hass'],
      ["    condition: 'trace.has(a).where(x == ''y'') and trace.hass(b)'\n", ''],
      ['    condition: "trace.has(a).where(x == \\"y\\") and\\n trace.hass(b)"\n', 'trace.hass'],
      ['    condition: "trace.has(a) and \\u0074race.hass(b)"\n', '\\u0074race.hass'],
    ];
    for (const [condition, wanted] of ways) {
      const text = `rules:\n  - id: a-b\n${condition}`;
      const errors = load(text).diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
      expect(errors.length, text).toBeGreaterThan(0);
      for (const error of errors) expect(error.source?.text).toBe(text);
      if (wanted !== '') {
        const at = text.indexOf(wanted);
        const [error] = errors;
        expect(error?.range?.start, text).toBeGreaterThanOrEqual(at);
        expect(error?.range?.end, text).toBeLessThanOrEqual(at + wanted.length + 3);
      }
    }
  });

  it('says of an alias that it is none of the language, and not also that there is nothing', () => {
    const text =
      'rules:\n  - { id: one, owner: &team payments, condition: a and b }\n  - { id: two, owner: *team, tags: *team, condition: *team }\n';
    expect(problems(text)).toEqual(['2:23 FL302', '3:23 FL302', '3:30 FL304', '3:36 FL302', '3:54 FL302']);
  });

  describe('a comment that YAML joins with the lines behind it', () => {
    it.each([
      ['folded block', 'condition: >-\n      a and c\n      // never with b\n      and not b\n', '6:7'],
      ['behind a term', 'condition: >\n      a and c // never with b\n      and not b\n', '5:15'],
      ['plain', 'condition: a and c // never with b\n      and not b\n', '4:24'],
      ['single quotes', "condition: 'a and c // never with b\n\n      and not b'\n", null],
      ['single quotes, folded', "condition: 'a and c // never with b\n      and not b'\n", '4:25'],
      ['double quotes', 'condition: "a and c // never with b\n      and not b"\n', '4:25'],
      [
        'an escaped line end',
        'condition: "a and c // never with b \\\n      and not b"\n',
        '4:25',
        '// never with b \\',
      ],
      ['an escaped line feed', 'condition: "a and c // never with b\\n\\\n      and not b"\n', null],
      ['carriage returns', 'condition: >-\r\n      a and c // never with b\r\n      and not b\r\n', '5:15'],
      [
        'a line that is deeper',
        'condition: >-\n      a and c\n        // never with b\n      and not b\n',
        null,
      ],
      ['literal block', 'condition: |\n      a and c // never with b\n      and not b\n', null],
      ['the last line', 'condition: >-\n      a and c\n      and not b // never with b\n', null],
      ['no comment', 'condition: >-\n      a.where(u == "x//y")\n      and c and not b\n', null],
    ])('is found: %s', (_, condition, at, marks = '// never with b') => {
      const text = `version: 1\nrules:\n  - id: a-rule\n    ${condition}`;
      expect(problems(text)).toEqual(at === null ? [] : [`${at} FL320`]);
      if (at === null) expect(printed(text).replace(/\/\/ never.*$/m, '')).toContain('not b');
      else expect(load(text).diagnostics.map((problem) => marked(text, problem))).toContain(marks);
    });

    it('is found in a macro, and the rules that use it have no error of their own', () => {
      const text =
        'macros:\n  paid: >-\n    charge // by card\n    .where(amount > 0)\nrules:\n  - id: a-rule\n    condition: $paid and b\n';
      expect(problems(text)).toEqual(['3:12 FL320']);
    });
  });

  it('reports all problems of all rules at once, in the order of the file, and loads nothing', () => {
    const text = `version: 2
lists: { empty: [], 2nd: [x] }
macros:
  paid: payment.charge.wher(amount > 1)
  circle: $other
  other: $circle
  typed: payment.charge.where(amount > "1")
rules:
  - id: Payment_Rule
    severty: high
    condition: $paid and b
  - id: b
    severity: urgent
    invariant: 44
    condition: a and trace.hass(b)
  - id: c
    invariant: INVARIANT-1
    raise: { share: 0%, within: 0s, at_least: 0 }
    condition: never { x }
    exceptions:
      - { name: n, fields: [a, "b c"], values: [[1]], reason: r, expires: 2026-02-30 }
  - id: c
    environments: production
    compliance: [164.312]
    owner:
    condition: a or b
`;
    const { rules, diagnostics } = load(text);
    expect(rules).toEqual([]);
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    const shown = errors.map((error) => `${place(text, error)} ${marked(text, error)}`);
    for (const expected of [
      '1:10 FL307 2',
      '2:17 FL308 []',
      '2:21 FL308 2nd',
      '9:9 FL308 Payment_Rule',
      '10:5 FL304 severty',
      '13:15 FL307 urgent',
      '14:16 FL306 44',
      '17:16 FL316 INVARIANT-1',
      '18:21 FL308 0%',
      '18:33 FL308 0s',
      '18:47 FL308 0',
      '21:11 FL315 name',
      '21:32 FL314 "b c"',
      '21:49 FL312 [1]',
      '21:75 FL313 2026-02-30',
      '22:9 FL309 c',
      '23:19 FL306 production',
      '24:18 FL306 164.312',
    ]) {
      expect(shown).toContain(expected);
    }
    expect(shown.filter((line) => line.includes('FL319'))).toHaveLength(1);
    // The errors of a macro are in the macro, and not again where it is used.
    expect(shown.filter((line) => line.startsWith('4:')).length).toBeGreaterThan(0);
    expect(shown.filter((line) => line.startsWith('7:')).length).toBeGreaterThan(0);
    expect(shown.filter((line) => line.startsWith('11:'))).toEqual([]);
    expect(shown.some((line) => line.startsWith('15:'))).toBe(true);
    expect(shown.some((line) => line.startsWith('26:'))).toBe(true);
    const starts = diagnostics.map((diagnostic) => diagnostic.range?.start ?? 0);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    for (const error of diagnostics) expect(error.help).not.toBe('');
  });

  it('says what was probably meant', () => {
    const help = (text: string): string[] =>
      load(text).diagnostics.map((diagnostic) => `${diagnostic.message}: ${diagnostic.help}`);
    expect(help('rules:\n  - id: a\n    conditon: a and b\n').join()).toMatch(
      /`conditon`: did you mean `condition`\?/,
    );
    expect(help('rules:\n  - id: a\n    severity: hihg\n    condition: a and b\n').join()).toMatch(
      /did you mean `high`\?/,
    );
    expect(help('rule:\n  - id: a\n')[0]).toMatch(/did you mean `rules`/);
    expect(help('rules: a.yaml\ntests: []\n').join()).toMatch(/expects a list/);
    expect(help('tests: []\n')[0]).toMatch(/\.test\.yaml/);
    expect(help('rules:\n  - id: a\n    environments: production\n    condition: a and b\n').join()).toMatch(
      /`\[production\]`/,
    );
    expect(help('rules:\n  - id: a\n    owner: 007\n    condition: a and b\n').join()).toMatch(/`"007"`/);
    expect(help('macros: { paid: pay }\nrules:\n  - { id: a, condition: $piad and b }\n').join()).toMatch(
      /paid/,
    );
  });

  it('lets macros use lists and other macros, above and below', () => {
    const text = `lists: { shops: [eu, us] }
macros:
  settled: $paid.where(shop in $shops)
  paid: payment.charge.where(span.status != error)
  followed: $settled.before($receipt)
  receipt: receipt.*
rules:
  - id: a
    condition: $followed and done
`;
    expect(problems(text)).toEqual([]);
    expect(load(text).rules).toHaveLength(1);
  });

  it('reports an unknown macro inside a macro there', () => {
    const text =
      'macros:\n  paid: payment.charge.before($recept)\n  receipt: x\nrules:\n  - { id: a, condition: $paid and b }\n';
    const lines = problems(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^2:/);
  });

  it('knows an expired exception from a live one', () => {
    const text = (expires: string): string =>
      `rules:\n  - id: a\n    condition: a and b\n    exceptions:\n      - { name: n, fields: [t], values: [[1]], reason: r, expires: ${expires} }\n`;
    expect(problems(text('2026-11-20'))).toEqual(['5:68 FL317']);
    expect(problems(text('2026-11-21'))).toEqual([]);
    expect(load(text('2026-11-20')).rules).toHaveLength(1);
  });

  it.each([
    'span.duration',
    'span.start',
    'span.events',
    'span.servce',
    'a == b',
    'number(a)',
    'x) or *.where(y',
    'a.b.*',
    '',
    ' ',
  ])('refuses the exception field %j', (field) => {
    const text = `rules:\n  - id: a\n    condition: a and b\n    exceptions:\n      - { name: n, fields: [${JSON.stringify(field)}], values: [[1]], reason: r, expires: 2099-01-01 }\n`;
    expect(problems(text).join()).toMatch(/FL314|FL308/);
  });

  it.each([
    'tenant_id',
    'cart.id',
    'resource.cloud.region',
    'span.service',
    'span.name',
    '"odd name"',
    '"span.x"',
    'a-b',
  ])('takes the exception field %j', (field) => {
    const text = `rules:\n  - id: a\n    condition: a and b\n    exceptions:\n      - { name: n, fields: [${JSON.stringify(field)}], values: [[1]], reason: r, expires: 2099-01-01 }\n`;
    expect(problems(text)).toEqual([]);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'a b'])('refuses the runbook %j', (runbook) => {
    expect(
      problems(`rules:\n  - id: a\n    runbook: ${JSON.stringify(runbook)}\n    condition: a and b\n`),
    ).toEqual(['3:14 FL308']);
  });

  it.each(['', '# nothing\n', 'a: 1\n', '[]', 'text', '---\n...\n', 'version: 1\n'])(
    'says of %j that it is no rule file',
    (text) => {
      const { rules, diagnostics } = load(text);
      expect(rules).toEqual([]);
      expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual(['FL311']);
    },
  );

  it('loads a file with an empty list of rules', () => {
    expect(load('rules: []\n')).toEqual({ rules: [], diagnostics: [] });
  });

  it('keeps its wits over keys that every object has', () => {
    expect(problems('rules:\n  - id: a\n    constructor: 1\n    condition: a and b\n')).toEqual([
      '3:5 FL304',
    ]);
    expect(
      problems('macros: { toString: x }\nrules:\n  - { id: a, condition: $valueOf and b }\n').length,
    ).toBe(1);
    expect(problems('rules:\n  - id: a\n    __proto__: {}\n    condition: a and b\n')).toEqual(['3:5 FL304']);
  });

  it('never throws, whatever the file holds', () => {
    const piece = fc.constantFrom(
      'rules:\n',
      '  - id: a\n',
      '    condition: ',
      'a and b\n',
      '|\n      a and\n',
      '    exceptions:\n',
      '      - { name: n, fields: [a], values: [[1]] }\n',
      '    raise: ',
      '{ share: 5% }\n',
      'macros: { p: "$p" }\n',
      'lists: { l: [1] }\n',
      '    origin: ',
      'incident:\n',
      '    invariant: INVARIANT-1\n',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      ': ',
      '- ',
      '\n',
      '$p',
      '\t',
      '&a',
      '*a',
      '!!x ',
      '#',
      '😀',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const text = pieces.join('');
        const { rules, diagnostics } = load(text);
        if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) expect(rules).toEqual([]);
        for (const diagnostic of diagnostics) {
          expect(diagnostic.source?.text).toBe(text);
          expect(diagnostic.range?.start).toBeGreaterThanOrEqual(0);
          expect(diagnostic.range?.end).toBeLessThanOrEqual(
            Math.max(text.length, (diagnostic.range?.start ?? 0) + 1),
          );
        }
      }),
      { seed: 3, numRuns: 3000 },
    );
  });
});

describe('examples of the codes of rule files', () => {
  for (const [code, entry] of Object.entries(RULE_FILE_CODES)) {
    const { bad, good } = entry as { bad?: string; good?: string };
    if (bad !== undefined) {
      it(`${code}: the bad example earns it, and nothing worse`, () => {
        const found = load(bad).diagnostics;
        expect(found.map((diagnostic) => diagnostic.code)).toContain(code);
        const others = found.filter(
          (diagnostic) => diagnostic.code !== code && diagnostic.severity !== 'info',
        );
        expect(others.filter((diagnostic) => diagnostic.code.startsWith('FL3'))).toEqual([]);
      });
    }
    if (good !== undefined) {
      it(`${code}: the good example is sound`, () => {
        const { rules, diagnostics } = load(good);
        expect(diagnostics.filter((diagnostic) => diagnostic.severity !== 'info')).toEqual([]);
        expect(diagnostics.map((diagnostic) => diagnostic.code)).not.toContain(code);
        expect(rules.length).toBeGreaterThan(0);
      });
    }
  }
});

describe('the rules of the library', () => {
  const library = join(import.meta.dirname, '../../library');
  const names = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'),
  );
  it.each(names)('%s loads', (name) => {
    const { rules, diagnostics } = loadRuleFile(
      { name, text: readFileSync(join(library, name), 'utf8') },
      TODAY,
    );
    expect(diagnostics.filter((diagnostic) => diagnostic.severity === 'error')).toEqual([]);
    expect(rules.length).toBeGreaterThan(0);
  });
});
