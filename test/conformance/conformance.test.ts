/** Fluo against the conformance corpus, and the corpus against its own rules. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostic/diagnostic.ts';
import { positionOf } from '../../src/diagnostic/position.ts';
import { judgeTrace } from '../../src/engine/reference/judge.ts';
import { judgeAcross, membersOf } from '../../src/engine/reference/judge-across.ts';
import type { ListNode } from '../../src/language/ast.ts';
import { compileRule } from '../../src/language/compile.ts';
import type { CompiledRule } from '../../src/language/compiled-rule.ts';
import { printCondition, printSelector } from '../../src/language/print.ts';
import { buildTrace } from '../../src/trace/trace.ts';
import { CORPUS, type ErrorCase, type ExpectedError, readCorpus } from './corpus.ts';
import { prepareCase, runCase, scopeOf } from './run-case.ts';
import { shapeOfError, shapeOfValid, shapeOfVerdict } from './shape.ts';

const corpus = readCorpus();
const evaluator = { judgeTrace, membersOf, judgeAcross, buildTrace };

describe('valid', () => {
  it.each(corpus.valid)('$id', (one) => {
    const { rule, diagnostics } = compileRule({ name: one.id, text: one.rule }, scopeOf(one));
    expect(diagnostics).toEqual([]);
    if (rule === null) throw new Error('no rule');
    if (one.trigger !== undefined) expect(triggerOf(rule)).toBe(one.trigger);
    if (one.same_as !== undefined) {
      const other = compileRule({ name: one.id, text: one.same_as }, scopeOf(one));
      expect(other.diagnostics).toEqual([]);
      expect(other.rule === null ? null : meaningOf(other.rule)).toEqual(meaningOf(rule));
    }
  });
});

describe('parse_fails', () => {
  it.each(corpus.parseFails)('$id', (one) => {
    expect(errorsOf(one)).toEqual(one.errors);
    expect(one.errors.filter(({ code }) => !code.startsWith('FL1'))).toEqual([]);
  });
});

describe('check_fails', () => {
  it.each(corpus.checkFails)('$id', (one) => {
    expect(errorsOf(one)).toEqual(one.errors);
    expect(one.errors.filter(({ code }) => !code.startsWith('FL2'))).toEqual([]);
  });
});

describe('verdicts', () => {
  it.each(corpus.verdicts)('$topic: $id', (one) => {
    expect(runCase(prepareCase(one), evaluator)).toEqual([]);
  });
});

describe('the corpus itself', () => {
  const all = [...corpus.valid, ...corpus.parseFails, ...corpus.checkFails, ...corpus.verdicts];

  test('every file has the form that the schema says', () => {
    const validate = new Ajv({ allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(`${CORPUS}schema.json`, 'utf8')),
    );
    for (const [file, content] of corpus.files) {
      expect(validate(content) ? [] : validate.errors, file).toEqual([]);
    }
  });

  test('ids are unique', () => {
    const ids = all.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('no two cases say the same', () => {
    const sentences = all.map(({ says }) => says);
    expect(sentences.filter((text, index) => sentences.indexOf(text) !== index)).toEqual([]);
  });

  test('no two cases differ only in names or literals', () => {
    const shapes = [
      ...corpus.valid.map((one) => [one.id, `valid ${shapeOfValid(one)}`] as const),
      ...corpus.parseFails.map((one) => [one.id, `parse ${shapeOfError(one)}`] as const),
      ...corpus.checkFails.map((one) => [one.id, `check ${shapeOfError(one)}`] as const),
      ...corpus.verdicts.map((one) => [one.id, `verdict ${shapeOfVerdict(one)}`] as const),
    ];
    const first = new Map<string, string>();
    const twins: string[] = [];
    for (const [id, shape] of shapes) {
      const other = first.get(shape);
      if (other === undefined) first.set(shape, id);
      else twins.push(`${id} is ${other}`);
    }
    expect(twins).toEqual([]);
  });

  test('there are enough cases of every sort, and every verdict is expected often', () => {
    expect(all.length).toBeGreaterThanOrEqual(500);
    expect(corpus.verdicts.length).toBeGreaterThanOrEqual(300);
    expect(corpus.valid.length).toBeGreaterThanOrEqual(40);
    expect(corpus.parseFails.length).toBeGreaterThanOrEqual(40);
    expect(corpus.checkFails.length).toBeGreaterThanOrEqual(30);
    for (const verdict of ['satisfied', 'violated', 'not_applicable', 'inconclusive'] as const) {
      const count = corpus.verdicts.filter((one) =>
        [one.verdict, ...(one.groups ?? []).map((group) => group.verdict)].includes(verdict),
      ).length;
      expect(count, verdict).toBeGreaterThanOrEqual(20);
    }
  });
});

function errorsOf(one: ErrorCase): ExpectedError[] {
  const source = { name: one.id, text: one.rule + ' '.repeat(one.blanks ?? 0) };
  return compileRule(source, scopeOf(one)).diagnostics.map((diagnostic: Diagnostic) => {
    const { start, end } = diagnostic.range ?? { start: 0, end: 0 };
    const { line, column } = positionOf(one.rule, start);
    const marks = one.rule.slice(start, end);
    return { code: diagnostic.code, at: `${line}:${column}`, marks, message: diagnostic.message };
  });
}

function triggerOf(rule: CompiledRule): string | null {
  const each = rule.each === null ? [] : [`each ${printSelector(rule.each.selector)} as ${rule.each.bound}`];
  const rest = rule.trigger === null ? [] : [printCondition(rule.trigger)];
  return each.length + rest.length === 0 ? null : [...each, ...rest].join(' and ');
}

/** What a rule says, without where it says it and how it was spelled. */
function meaningOf(rule: CompiledRule): unknown {
  const { across, each, trigger, requirements } = rule;
  return JSON.parse(
    JSON.stringify({ across, each, trigger, requirements }, (key, value: unknown) => {
      if (key === 'list') return (value as ListNode).values;
      if (['range', 'spelling', 'qualified', 'quoted', 'raw', 'bare'].includes(key)) return undefined;
      return typeof value === 'bigint' ? `${value}n` : value;
    }),
  );
}
