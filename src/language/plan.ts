/** What a rule can look at: a reader of traces may skip everything else, and an index finds the rules that a span concerns. */
import type {
  AttributeNode,
  CompareNode,
  ConditionNode,
  MatcherNode,
  SelectorNode,
  SpanField,
} from './ast.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { openMacros, walkRule } from './walk.ts';

/** An attribute that is read on a span: `any` in its attributes, then its resource's; `resource` only there. */
interface PlannedAttribute {
  readonly where: 'any' | 'resource';
  readonly name: string;
}

interface RulePlan {
  /** What a selector of the rule can match by name, targets of steps included, macros opened; each once. */
  readonly matchers: readonly MatcherNode[];
  /** Each once, in the order met. */
  readonly attributes: readonly PlannedAttribute[];
  /** Fields that the rule names. Start, end and id of a span are needed by every rule and not listed for that. */
  readonly fields: ReadonlySet<SpanField>;
  /** `.child_of` or `.inside`. */
  readonly usesParents: boolean;
  /** `span.self`. */
  readonly usesChildren: boolean;
  readonly usesTraceDuration: boolean;
  /**
   * If no span of a scope has a name that one of these matches, the trigger is false and evaluating it compares no attribute: the
   * scope is `not_applicable`, complete or not. Null: nothing of the kind can be said, and every scope must be judged.
   */
  readonly triggerMatchers: readonly MatcherNode[] | null;
}

/** Works out the plan. Cost: linear in the rule. */
export function planOf(rule: CompiledRule): RulePlan {
  const matchers = new Map<string, MatcherNode>();
  const attributes = new Map<string, PlannedAttribute>();
  const fields = new Set<SpanField>();
  let usesParents = false;
  let usesTraceDuration = false;
  const addAttribute = ({ where, name }: AttributeNode): void => {
    if (where === 'field') fields.add(name as SpanField);
    else attributes.set(`${where} ${name}`, { where, name });
  };
  walkRule(rule, {
    selector(selector) {
      matchers.set(matcherKey(selector.matcher), selector.matcher);
      usesParents ||= selector.steps.some((step) => step.kind === 'child_of' || step.kind === 'inside');
    },
    measure(measure) {
      usesTraceDuration ||= measure.kind === 'trace-duration';
    },
    attribute: addAttribute,
  });
  for (const key of rule.across?.key ?? []) addAttribute(key);
  return {
    matchers: [...matchers.values()],
    attributes: [...attributes.values()],
    fields,
    usesParents,
    usesChildren: fields.has('self'),
    usesTraceDuration,
    triggerMatchers: triggerMatchersOf(rule),
  };
}

/** Equal for matchers that match the same names by the same means. */
export function matcherKey(matcher: MatcherNode): string {
  switch (matcher.kind) {
    case 'exact':
      return `exact ${matcher.name}`;
    case 'wildcard':
      return `wildcard ${matcher.pattern}`;
    case 'regex':
      return `regex ${matcher.pattern}`;
    case 'macro':
      return `macro ${matcher.name}`;
  }
}

function triggerMatchersOf(rule: CompiledRule): readonly MatcherNode[] | null {
  // A span that matches must be there before what `and` adds is looked at.
  if (rule.each !== null) return [baseMatcher(rule.each.selector)];
  if (rule.trigger === null) return null;
  const found = falseWithout(rule.trigger);
  return found === null
    ? null
    : [...new Map(found.map((matcher) => [matcherKey(matcher), matcher])).values()];
}

/** Names without which the condition is false and was decided without a look at any span. */
function falseWithout(condition: ConditionNode): readonly MatcherNode[] | null {
  switch (condition.kind) {
    case 'has':
      return [baseMatcher(condition.selector)];
    case 'and': {
      // Terms are evaluated from the left, up to the first false one: the later ones may look at spans of other names.
      const [first] = condition.terms;
      return first === undefined ? null : falseWithout(first);
    }
    case 'or': {
      const all: MatcherNode[] = [];
      for (const term of condition.terms) {
        const found = falseWithout(term);
        if (found === null) return null;
        all.push(...found);
      }
      return all;
    }
    case 'compare':
      return compareFalseWithout(condition);
    // `not x` and `all(x, p)` are true where there is no x.
    case 'not':
    case 'all':
      return null;
  }
}

/** Without spans every measure but the trace's duration is 0. */
function compareFalseWithout({ left, operator, right }: CompareNode): readonly MatcherNode[] | null {
  if (left.kind === 'trace-duration' || right.kind === 'duration' || right.kind === 'trace-duration') {
    return null;
  }
  const of = [baseMatcher(left.selector)];
  if (right.kind !== 'number') of.push(baseMatcher(right.selector));
  return compareZero(operator, right.kind === 'number' ? right.value : 0) ? null : of;
}

/** Whether `0 operator value` holds. */
export function compareZero(operator: CompareNode['operator'], value: number | bigint): boolean {
  switch (operator) {
    case '==':
      return Number(value) === 0;
    case '!=':
      return Number(value) !== 0;
    case '>':
      return 0 > value;
    case '>=':
      return 0 >= value;
    case '<':
      return 0 < value;
    case '<=':
      return 0 <= value;
  }
}

function baseMatcher(selector: SelectorNode): MatcherNode {
  return openMacros(selector).matcher;
}
