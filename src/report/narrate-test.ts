/** What `fluo test` found, in sentences. */

import { type Phrase, phraseOf, say } from './phrase.ts';
import { valueText } from './reported-span.ts';
import type { CoverageGap, Survivor, TestFailure } from './test-report.ts';

/** `payment-requires-inventory`: expected violated, was satisfied. */
export function failureSentence({ rule, expected, actual, at }: TestFailure): Phrase {
  if (at !== null && expected !== null) {
    return say`${rule}: expected ${[spoken(expected)]} at ${at}, was ${[spoken(actual)]}`;
  }
  if (at !== null) {
    return say`${rule}: the test does not name it at ${at}, but it is ${[spoken(actual)]}`;
  }
  if (expected === null) return say`${rule}: the test does not name it, but it is ${[spoken(actual)]}`;
  return say`${rule}: expected ${[spoken(expected)]}, was ${[spoken(actual)]}`;
}

/** Why the verdict is what it is, and what to do where that is not plain. */
export function explanationOf(failure: TestFailure): Phrase[] {
  const reasons = failure.explanation.map(phraseOf);
  if (failure.expected !== null) return reasons;
  return [...reasons, say`Name it in ${'expect'}, or write ${'only: true'}.`];
}

/** A span in the notation of drawn traces, without its offset. */
export function spanSentence(failure: TestFailure): Phrase[] {
  return failure.spans.slice(0, 5).map((span) => {
    const attributes = Object.entries(span.attributes).map(
      ([name, value]) => `${name}: ${valueText(value, 40)}`,
    );
    const name = span.service === '' ? span.name : `${span.service}/${span.name}`;
    return say`${attributes.length === 0 ? name : `${name} {${attributes.slice(0, 6).join(', ')}}`}`;
  });
}

export function gapSentence(gap: CoverageGap): Phrase {
  return say`${gap.clause} was never ${[gap.never]} in any test`;
}

export function survivorSentence(survivor: Survivor): Phrase {
  if (survivor.replacement === '') return say`no test notices when ${survivor.original} is left out`;
  return say`no test notices when ${survivor.original} becomes ${survivor.replacement}`;
}

function spoken(verdict: TestFailure['actual']): string {
  return verdict.replaceAll('_', ' ');
}

/** `9 of 10 (90 %)`; `none` where there is nothing to count. */
export function shareText(part: number, of: number): string {
  return of === 0 ? 'none' : `${part} of ${of} (${Math.floor((part * 100) / of)} %)`;
}
