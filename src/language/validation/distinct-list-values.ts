/** A list names each value once. */
import { shorten } from '../lexer.ts';
import type { Visitor } from '../walk.ts';
import type { CheckContext } from './context.ts';

export function distinctListValues({ problems }: CheckContext): Visitor {
  return {
    test(test) {
      if (test.kind !== 'in' || test.list.kind !== 'list') return;
      const seen = new Set<string>();
      for (const { value, raw, range } of test.list.values) {
        const said = `${typeof value === 'bigint' ? 'number' : typeof value} ${value}`;
        if (seen.has(said)) {
          problems.report({
            code: 'FL223',
            range,
            message: `\`${shorten(raw)}\` is in the list twice`,
            help: 'take one of them away, or write the value that was meant',
          });
        }
        seen.add(said);
      }
    },
  };
}
