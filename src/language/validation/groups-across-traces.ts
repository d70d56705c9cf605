/** `across` has a key that groups spans, a window that can be kept open, and asks nothing of a single trace. */
import { formatDuration, NANOS_PER_UNIT } from '../../base/nanos.ts';
import type { Visitor } from '../walk.ts';
import type { CheckContext } from './context.ts';
import { attributeText } from './field-types.ts';

/** The window may not exceed `max_group_age`. */
const LONGEST_WINDOW = NANOS_PER_UNIT.h;

export function groupsAcrossTraces({ problems, rule }: CheckContext): Visitor {
  const across = rule?.across ?? null;
  if (across === null) return {};
  checkKeyAndWindow(problems, across);
  return {
    measure(measure) {
      if (measure.kind !== 'trace-duration') return;
      problems.report({
        code: 'FL220',
        range: measure.range,
        message: '`trace.duration` belongs to one trace, and `across` judges spans of several',
        help: 'write a rule of its own without `across`, or compare `span.duration`',
      });
    },
  };
}

function checkKeyAndWindow(
  problems: CheckContext['problems'],
  across: NonNullable<NonNullable<CheckContext['rule']>['across']>,
): void {
  const seen = new Set<string>();
  for (const attribute of across.key) {
    const { where, name, range } = attribute;
    if (where === 'field' && name !== 'service' && name !== 'name') {
      problems.report({
        code: 'FL222',
        range,
        message: `\`span.${name}\` does not say which spans belong together`,
        help: 'name an attribute that they share, as in `across payment_intent_id within 10m`; of the fields only `span.service` and `span.name` can be keys',
      });
    }
    const said = `${where} ${name}`;
    if (seen.has(said)) {
      problems.report({
        code: 'FL223',
        range,
        message: `\`${attributeText(attribute)}\` is in the key twice`,
        help: 'take one of them away, or name another attribute',
      });
    }
    seen.add(said);
  }
  const { nanos, raw, range } = across.within;
  if (nanos > 0n && nanos <= LONGEST_WINDOW) return;
  problems.report({
    code: 'FL221',
    range,
    message:
      nanos <= 0n
        ? 'a window of no length groups nothing'
        : `the window \`${raw}\` is longer than \`${formatDuration(LONGEST_WINDOW)}\`, and no group is kept open longer than that`,
    help: `write a duration up to \`${formatDuration(LONGEST_WINDOW)}\`, as in \`within 10m\``,
  });
}
