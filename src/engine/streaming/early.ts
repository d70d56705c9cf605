/** Which rules can be known to be violated before their scope closes: the table of early verdicts, read off the rule. */
import type {
  AttributeNode,
  ConditionNode,
  PredicateNode,
  SelectorNode,
  StepNode,
} from '../../language/ast.ts';
import { openMacros } from '../../language/walk.ts';
import type { JudgedRule } from '../judged-rule.ts';
import type { JudgeSettings, Judgment } from '../verdict.ts';

/** An early look may cost a tenth of a judgement: there are many in the life of a large scope. */
export function earlySettings(settings: JudgeSettings): JudgeSettings {
  return { ...settings, maxComparisons: Math.ceil(settings.maxComparisons / 10) };
}

/** Whether what was not decided is so for want of comparisons. Then a violation that was told stands. */
export function isTooCostly({ reasons }: Judgment): boolean {
  return reasons.some(({ kind }) => kind === 'too-costly');
}

/** False: judging the open scope can never find the rule violated. True: it may. Cost: linear in the rule. */
export function canBreakEarly(rule: JudgedRule): boolean {
  const { each, trigger, requirements } = rule.condition;
  // A span that excepts the whole scope may yet come, and a span's own time is not known while children may come.
  if (rule.exceptions.some(({ anywhere, fields }) => anywhere || fields.includes('span.self'))) return false;
  if (each !== null && !isSettled(each.selector)) return false;
  if (trigger !== null && !mayBecome(true, trigger)) return false;
  return requirements.some(({ polarity, condition }) => mayBecome(polarity === 'never', condition));
}

function mayBecome(truth: boolean, node: ConditionNode): boolean {
  switch (node.kind) {
    case 'and':
      return truth
        ? node.terms.every((term) => mayBecome(true, term))
        : node.terms.some((term) => mayBecome(false, term));
    case 'or':
      return truth
        ? node.terms.some((term) => mayBecome(true, term))
        : node.terms.every((term) => mayBecome(false, term));
    case 'not':
      return mayBecome(!truth, node.term);
    case 'has':
      return truth && isSettled(node.selector);
    case 'all':
      return !truth && isSettled(node.selector) && !asksSelf(node.predicate);
    case 'compare': {
      const { left, operator, right } = node;
      if (right.kind !== 'number' && right.kind !== 'duration') return false;
      if (left.kind === 'sum') return false;
      if (left.kind !== 'trace-duration' && !isSettled(left.selector)) return false;
      if (left.kind === 'distinct' && isSelf(left.attribute)) return false;
      const grows = operator === '>' || operator === '>=' || operator === '!=';
      return truth === grows;
    }
  }
}

/** Whether a span that belongs to the selector now belongs to it whatever comes. */
function isSettled(written: SelectorNode): boolean {
  return openMacros(written).steps.every(isSettledStep);
}

function isSettledStep(step: StepNode): boolean {
  switch (step.kind) {
    case 'where':
      return !asksSelf(step.predicate);
    case 'child_of':
    case 'inside':
      return step.target.kind === 'bound' || isSettled(step.target);
    case 'before':
    case 'after':
      return step.target.kind === 'bound';
  }
}

function asksSelf(predicate: PredicateNode): boolean {
  switch (predicate.kind) {
    case 'p-and':
    case 'p-or':
      return predicate.terms.some(asksSelf);
    case 'p-not':
      return asksSelf(predicate.term);
    case 'test':
      return (
        isSelf(predicate.left.attribute) ||
        (predicate.right.kind === 'reference' && isSelf(predicate.right.attribute))
      );
    default:
      return isSelf(predicate.left.attribute);
  }
}

function isSelf({ where, name }: AttributeNode): boolean {
  return where === 'field' && name === 'self';
}
