/** Counts are compared with whole numbers, sums with numbers, the duration of a trace with durations. */
import type { CompareNode, MeasureNode } from '../ast.ts';
import { shorten } from '../lexer.ts';
import type { Problem } from '../problems.ts';
import type { Visitor } from '../walk.ts';
import type { CheckContext } from './context.ts';
import { attributeText, typeOfAttribute } from './field-types.ts';

export function comparableMeasures({ problems }: CheckContext): Visitor {
  return {
    condition(condition) {
      if (condition.kind !== 'compare') return;
      const problem = faultOf(condition);
      if (problem !== null) problems.report(problem);
    },
    measure(measure) {
      if (measure.kind !== 'sum' && measure.kind !== 'distinct') return;
      const { attribute, kind } = measure;
      const type = typeOfAttribute(attribute);
      const suited = kind === 'sum' ? ['any'] : ['any', 'text', 'status', 'kind'];
      if (suited.includes(type)) return;
      problems.report({
        code: 'FL229',
        range: attribute.range,
        message:
          kind === 'sum'
            ? `\`${attributeText(attribute)}\` is no number that \`sum\` could add`
            : `\`${attributeText(attribute)}\` is no value that \`distinct\` could count`,
        help:
          kind === 'sum'
            ? type === 'duration'
              ? 'let the program put the time that it spent into an attribute, and add that'
              : 'name an attribute that holds a number, as in `sum(payment.charge, amount)`'
            : 'name an attribute, or `span.name`, `span.service`, `span.scope`, `span.kind` or `span.status`',
      });
    },
  };
}

function faultOf({ left, right }: CompareNode): Problem | null {
  const isDuration = right.kind === 'duration' || right.kind === 'trace-duration';
  const { range } = right;
  if (left.kind === 'trace-duration') {
    if (isDuration) return null;
    const number = right.kind === 'number' ? shorten(right.raw) : null;
    return {
      code: 'FL216',
      range,
      message: `\`trace.duration\` is a duration, and ${number === null ? `\`${right.kind}(...)\`` : `\`${number}\``} is a number`,
      help:
        number === null
          ? 'compare it with a duration, as in `trace.duration <= 2s`'
          : `write the unit: \`${number}ms\` or \`${number}s\``,
    };
  }
  if (isDuration) {
    const said = right.kind === 'duration' ? right.raw : 'trace.duration';
    return {
      code: 'FL217',
      range,
      message: `\`${left.kind}(...)\` is a number, and \`${shorten(said)}\` is a duration`,
      help: 'compare it with a number; durations compare with `trace.duration`, `span.duration` and `span.self` only',
    };
  }
  if (right.kind !== 'number' || !isCount(left)) return null;
  const whole = typeof right.value === 'bigint' || Number.isInteger(right.value);
  if (whole && right.value >= 0) return null;
  return {
    code: 'FL225',
    range,
    message: `\`${left.kind}(...)\` is a whole number from 0 up, and \`${shorten(right.raw)}\` is none`,
    help: 'compare it with 0, 1, 2 and so on',
  };
}

function isCount(measure: MeasureNode): boolean {
  return measure.kind === 'count' || measure.kind === 'distinct';
}
