/** Whether the conformance corpus notices when the evaluator is changed: at least nine of ten changes of an operator. */
import { expect, test } from 'vitest';
import { readCorpus } from '../conformance/corpus.ts';
import { type Evaluator, type PreparedCase, prepareCase, runCase } from '../conformance/run-case.ts';
import { EQUIVALENT } from './equivalent.ts';
import type { Mutant } from './mutants.ts';
import { mutatedEvaluator } from './mutated-evaluator.ts';

const WANTED = 0.9;

test('the corpus notices changes of the evaluator', async () => {
  const cases = readCorpus().verdicts.map(prepareCase);
  const evaluator = await mutatedEvaluator();
  expect(noticedBy(cases, evaluator.withMutant(null)), 'the evaluator without a mutant').toBeNull();
  const survivors = evaluator.mutants.filter(({ id }) => noticedBy(cases, evaluator.withMutant(id)) === null);
  const { known, unknown, stale } = sortOut(survivors);
  const counted = evaluator.mutants.length - known.length;
  const score = (counted - unknown.length) / counted;
  console.log(
    [
      `${counted} mutants, ${counted - unknown.length} noticed: ${(score * 100).toFixed(1)} %`,
      `(${known.length} more mean the same as what they change)`,
      ...unknown.map(describe),
    ].join('\n'),
  );
  expect(stale, 'named as equivalent, and no survivor').toEqual([]);
  expect(score).toBeGreaterThanOrEqual(WANTED);
});

/** The first case that fails, or null. A crash and a loop without end are noticed as well. */
function noticedBy(cases: readonly PreparedCase[], evaluator: Evaluator): string | null {
  for (const one of cases) {
    try {
      const found = runCase(one, evaluator);
      if (found.length > 0) return `${one.case.id}: ${found.join('; ')}`;
    } catch (error) {
      return `${one.case.id}: ${String(error)}`;
    }
  }
  return null;
}

function sortOut(survivors: readonly Mutant[]): { known: Mutant[]; unknown: Mutant[]; stale: string[] } {
  const keys = new Set(EQUIVALENT.map(({ change }) => change));
  const known = survivors.filter((mutant) => keys.has(keyOf(mutant)));
  const found = new Set(known.map(keyOf));
  return {
    known,
    unknown: survivors.filter((mutant) => !keys.has(keyOf(mutant))),
    stale: [...keys].filter((key) => !found.has(key)),
  };
}

function describe(mutant: Mutant): string {
  return `  ${mutant.line}:${mutant.column} ${keyOf(mutant)}`;
}

function keyOf({ file, original, mutated }: Mutant): string {
  return `${file}: ${original} => ${mutated}`;
}
