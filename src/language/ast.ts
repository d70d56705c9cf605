/**
 * The syntax tree of a rule: what was written, without blanks. All nodes are readonly values with their place in the text.
 * Parentheses leave no node: the printer puts them back where precedence needs them. Nested `and` in `and` stays nested.
 *
 *     rule ── across? ── when? ─ each? ─ condition
 *          │          └─ clause* (always | never) ─ condition
 *          └─ or, instead of when and clauses: condition (the short form, or a rule without a trigger)
 */
import type { Nanos } from '../base/nanos.ts';
import type { TextRange } from '../diagnostic/diagnostic.ts';

interface Node {
  readonly range: TextRange;
}

export interface RuleNode extends Node {
  readonly kind: 'rule';
  readonly across: AcrossNode | null;
  readonly when: WhenNode | null;
  /** At least one, unless `condition` is there; in the order written. */
  readonly clauses: readonly ClauseNode[];
  readonly condition: ConditionNode | null;
  /** `//` comments in the order written; `text` includes the slashes. */
  readonly comments: readonly CommentNode[];
}

export interface CommentNode extends Node {
  readonly text: string;
  /** Only blanks stand before it on its line: it speaks of what follows. Otherwise of what stands before it. */
  readonly ownLine: boolean;
}

export interface AcrossNode extends Node {
  readonly kind: 'across';
  /** At least one. */
  readonly key: readonly AttributeNode[];
  readonly within: DurationNode;
}

export interface WhenNode extends Node {
  readonly kind: 'when';
  readonly each: EachNode | null;
  /** Null only with `each`. */
  readonly condition: ConditionNode | null;
}

export interface EachNode extends Node {
  readonly kind: 'each';
  readonly selector: SelectorNode;
  readonly bound: BoundNode;
}

/** A name given by `each ... as NAME`, where it is given and where it is used. */
export interface BoundNode extends Node {
  readonly kind: 'bound';
  readonly name: string;
}

export interface ClauseNode extends Node {
  readonly kind: 'clause';
  readonly polarity: 'always' | 'never';
  readonly condition: ConditionNode;
}

export type ConditionNode = AndNode | OrNode | NotNode | HasNode | AllNode | CompareNode;

export interface AndNode extends Node {
  readonly kind: 'and';
  /** Two or more. */
  readonly terms: readonly ConditionNode[];
}
export interface OrNode extends Node {
  readonly kind: 'or';
  readonly terms: readonly ConditionNode[];
}
export interface NotNode extends Node {
  readonly kind: 'not';
  readonly term: ConditionNode;
}

/** Some span matches. Steps written behind `has(x)` are steps of the selector here. */
export interface HasNode extends Node {
  readonly kind: 'has';
  readonly selector: SelectorNode;
  /** How it was written; of no meaning, kept for the printer. */
  readonly spelling: 'selector' | 'has' | 'trace.has';
}

/** Every span of the selector matches the predicate. */
export interface AllNode extends Node {
  readonly kind: 'all';
  readonly selector: SelectorNode;
  readonly predicate: PredicateNode;
  readonly qualified: boolean;
}

export type ComparisonOperator = '==' | '!=' | '>' | '>=' | '<' | '<=';

export interface CompareNode extends Node {
  readonly kind: 'compare';
  readonly left: MeasureNode;
  readonly operator: ComparisonOperator;
  readonly right: MeasureNode | NumberNode | DurationNode;
}

export type MeasureNode = CountNode | DistinctNode | SumNode | TraceDurationNode;

export interface CountNode extends Node {
  readonly kind: 'count';
  readonly selector: SelectorNode;
  readonly qualified: boolean;
}
/** `distinct(x, a)`, and `count(x).where(a == unique)`, which is the same. */
export interface DistinctNode extends Node {
  readonly kind: 'distinct';
  readonly selector: SelectorNode;
  readonly attribute: AttributeNode;
  readonly qualified: boolean;
  readonly spelling: 'distinct' | 'unique';
}
export interface SumNode extends Node {
  readonly kind: 'sum';
  readonly selector: SelectorNode;
  readonly attribute: AttributeNode;
  readonly qualified: boolean;
}
export interface TraceDurationNode extends Node {
  readonly kind: 'trace-duration';
}

export interface SelectorNode extends Node {
  readonly kind: 'selector';
  readonly matcher: MatcherNode;
  readonly steps: readonly StepNode[];
}

export type MatcherNode =
  /** An exact span name; `quoted` as it was written. */
  | (Node & { readonly kind: 'exact'; readonly name: string; readonly quoted: boolean })
  /** `*` matches any run of characters. */
  | (Node & { readonly kind: 'wildcard'; readonly pattern: string })
  /** RE2, anchored at both ends. */
  | (Node & { readonly kind: 'regex'; readonly pattern: string })
  /** `$name`; `selector` is filled in by the checker and null after parsing alone. */
  | (Node & { readonly kind: 'macro'; readonly name: string; readonly selector: SelectorNode | null });

export type StepNode = WhereNode | ChainNode | OrderNode;

export interface WhereNode extends Node {
  readonly kind: 'where';
  readonly predicate: PredicateNode;
}
export interface ChainNode extends Node {
  readonly kind: 'child_of' | 'inside';
  readonly target: TargetNode;
}
export interface OrderNode extends Node {
  readonly kind: 'before' | 'after';
  readonly target: TargetNode;
  readonly within: DurationNode | null;
}

export type TargetNode = BoundNode | SelectorNode;

export type PredicateNode =
  | (Node & { readonly kind: 'p-and'; readonly terms: readonly PredicateNode[] })
  | (Node & { readonly kind: 'p-or'; readonly terms: readonly PredicateNode[] })
  | (Node & { readonly kind: 'p-not'; readonly term: PredicateNode })
  | ComparisonTestNode
  | MembershipTestNode
  | (Node & { readonly kind: 'exists'; readonly left: LeftNode; readonly negated: boolean })
  /** A lone attribute: it is the boolean true. */
  | (Node & { readonly kind: 'is-true'; readonly left: LeftNode });

export type TextOperator = 'matches' | 'contains' | 'starts_with' | 'ends_with';

export interface ComparisonTestNode extends Node {
  readonly kind: 'test';
  readonly left: LeftNode;
  readonly operator: ComparisonOperator | TextOperator;
  readonly right: RightNode;
}
export interface MembershipTestNode extends Node {
  readonly kind: 'in';
  readonly left: LeftNode;
  readonly negated: boolean;
  readonly list: ListNode;
}

export interface LeftNode extends Node {
  readonly kind: 'left';
  readonly attribute: AttributeNode;
  readonly convert: 'number' | 'text' | null;
}

export type RightNode = ValueNode | DurationNode | ReferenceNode;

/** `charge.payment_intent_id` (a bound span's attribute) or `this.authorised` (another of the same span). */
export interface ReferenceNode extends Node {
  readonly kind: 'reference';
  /** The bound name, or `this`. */
  readonly of: string;
  readonly attribute: AttributeNode;
}

/** The fields of a span that `span.` reaches. */
export const SPAN_FIELDS = [
  'name',
  'duration',
  'status',
  'kind',
  'service',
  'start',
  'end',
  'scope',
  'self',
  'events',
] as const;
export type SpanField = (typeof SPAN_FIELDS)[number];

export interface AttributeNode extends Node {
  readonly kind: 'attribute';
  /** `any`: the span's attributes, then its resource's. `resource`: only there. `field`: `span.X`. */
  readonly where: 'any' | 'resource' | 'field';
  /** Without the prefix `resource.` or `span.`; a SpanField when `where` is `field`. */
  readonly name: string;
  readonly quoted: boolean;
}

export interface ValueNode extends Node {
  readonly kind: 'value';
  /** Integers past 2^53 are bigint. */
  readonly value: string | number | bigint | boolean;
  /** As written, without quotes and escapes undone for text; digits as written for numbers. */
  readonly raw: string;
  /** Text written as a bare word. */
  readonly bare: boolean;
}

export interface NumberNode extends Node {
  readonly kind: 'number';
  readonly value: number | bigint;
  readonly raw: string;
}

export interface DurationNode extends Node {
  readonly kind: 'duration';
  readonly nanos: Nanos;
  readonly raw: string;
}

export type ListNode =
  | (Node & { readonly kind: 'list'; readonly values: readonly ValueNode[] })
  /** `$name`; `values` is filled in by the checker and null after parsing alone. */
  | (Node & {
      readonly kind: 'list-macro';
      readonly name: string;
      readonly values: readonly ValueNode[] | null;
    });
