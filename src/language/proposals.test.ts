/** What a help tells a person to write can be written: each text that it proposes compiles where it is meant to stand. */
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { compileRule } from './compile.ts';
import { parseSelector } from './parse.ts';
import { MEANING, SYNTAX } from './testing/wrong-rules.ts';

const MACRO = parseSelector({ name: 'macro', text: 'payment.charge' }).selector;
const SCOPE = {
  macros: new Map(MACRO === null ? [] : [['name', MACRO]]),
  lists: new Map([
    ['name', ['x']],
    ['y', ['x']],
  ]),
};
const TEXTS = [...SYNTAX, ...MEANING].map(([text]) => text);

function diagnose(text: string): Diagnostic[] {
  return compileRule({ name: 'rule', text }, SCOPE).diagnostics;
}

/** The places where a proposed text may be meant to stand. */
const PLACES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `when { z } always { ${text} }`,
  (text) => `when { each z as r and charge } always { ${text} }`,
  (text) => `when { z } always { a${text} }`,
  (text) => `when { z } always { a.where(${text}) }`,
  (text) => `when { each z as r } always { a.where(${text}) }`,
  (text) => `when { each z as charge } always { a${text} }`,
  (text) => `when { z } always { a.where(${text} == 1) }`,
  (text) => `when { z } always { a.where(x == ${text}) }`,
  (text) => `when { z } always { a.where(x ${text}) }`,
  (text) => `when { z } always { trace.duration <= ${text} }`,
  (text) => `${text} always { z }`,
  (text) => `when { z } ${text}`,
  (text) => `when { each z ${text} } always { b }`,
  (text) => `when { ${text} } always { z }`,
  (text) => `when { z } always { ${text} <= 1 }`,
  (text) => `when { z } always { a.before(b)${text} }`,
  (text) => `when { z } always { matches "${text}" }`,
  (text) => `across k ${text} { never { z } }`,
  (text) => `${text} within 5m { count(a) <= 1 }`,
];

/** Words, signs and names that a sentence speaks of without proposing a text. */
const SPOKEN_OF = /^(?:[\w.*$]+|[^\w\s]+|\w+\([\w.]*\)|not in|\w+: .*|\.?\w+\(|"|[<>=!]+|as \w+)$/;

function proposals(help: string): string[] {
  return [...help.matchAll(/`([^`]+)`/g)]
    .map(([, text = '']) => text)
    .filter((text) => !SPOKEN_OF.test(text) && !text.includes('…'))
    .map((text) =>
      text
        .replaceAll('.within(...)', '.within(5s)')
        .replaceAll(/(within \w+) \{ \.\.\. \}/g, '$1 { never { k } }')
        .replaceAll(/\.(where)\(\.\.\.\)/g, '.$1(k)')
        .replaceAll(/(\w+)\((\w+, )?\.\.\.\)/g, '$1($2k)')
        .replaceAll('"..."', '"k"')
        .replaceAll('[...]', '[1]')
        .replaceAll('...', 'k'),
    );
}

function compiles(text: string): boolean {
  return PLACES.some((place) => diagnose(place(text)).length === 0);
}

describe('the texts that a help proposes', () => {
  it.each(TEXTS)('%s', (text) => {
    for (const { code, help } of diagnose(text)) {
      for (const proposal of proposals(help))
        expect([code, proposal, compiles(proposal)]).toEqual([code, proposal, true]);
    }
  });

  it('are many', () => {
    const all = TEXTS.flatMap((text) => diagnose(text).flatMap(({ help }) => proposals(help)));
    expect(all.length).toBeGreaterThan(200);
  });
});

describe('the fixes', () => {
  it.each(TEXTS)('%s', (text) => {
    const before = diagnose(text);
    for (const { fix, code } of before) {
      if (fix === undefined) continue;
      const mended = text.slice(0, fix.range.start) + fix.text + text.slice(fix.range.end);
      // One error less: what is told then was told before, or was hidden by it.
      const same = diagnose(mended).filter((one) => one.code === code).length;
      expect([mended, same < before.filter((one) => one.code === code).length]).toEqual([mended, true]);
    }
  });
});
