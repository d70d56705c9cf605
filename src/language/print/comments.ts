/** Gives each comment of a rule its place at a clause or a term, so that printing loses none and keeps their order. */

import type { TextRange } from '../../diagnostic/diagnostic.ts';
import type { CommentNode, ConditionNode, RuleNode } from '../ast.ts';

/** The comments of one node, in the order written. */
export interface NodeComments {
  /** On lines of their own before it. */
  readonly leading: string[];
  /** At the end of the line that it ends on. */
  readonly trailing: string[];
  /** On lines of their own after the last thing in it. */
  readonly closing: string[];
}

export interface CommentPlaces {
  /** Before the rule, behind it on its last line, and on lines after it. */
  readonly outside: NodeComments;
  /** Of the rule (what stands before its closing brace), of across, when, each and clauses, and of conditions. */
  readonly inside: ReadonlyMap<object, NodeComments>;
}

/**
 * Finds the places. A comment alone on its line belongs to what follows, one behind something to that; one in the midst of a
 * term moves before the term. Cost: comments × depth × terms.
 */
export function placeComments(rule: RuleNode): CommentPlaces {
  const outside = noComments();
  const inside = new Map<object, NodeComments>();
  const root = placeTree(rule);
  for (const comment of rule.comments) {
    if (comment.range.end <= rule.range.start) outside.leading.push(comment.text);
    else if (comment.range.start >= rule.range.end) {
      (comment.ownLine ? outside.closing : outside.trailing).push(comment.text);
    } else place(comment, [root], inside);
  }
  return { outside, inside };
}

interface Place {
  readonly node: object;
  readonly range: TextRange;
  readonly inner: readonly Place[];
}

/** `path` leads from the rule to the place that the comment stands in. */
function place(comment: CommentNode, path: readonly Place[], inside: Map<object, NodeComments>): void {
  const at = path[path.length - 1];
  if (at === undefined) return;
  const { range } = comment;
  const around = at.inner.find((inner) => inner.range.start < range.start && range.end < inner.range.end);
  if (around !== undefined) {
    place(comment, [...path, around], inside);
    return;
  }
  const before = at.inner.findLast((inner) => inner.range.end <= range.start);
  const after = at.inner.find((inner) => inner.range.start >= range.end);
  if (!comment.ownLine && before !== undefined) commentsOf(inside, before).trailing.push(comment.text);
  else if (after !== undefined) commentsOf(inside, outermost([...path, after])).leading.push(comment.text);
  else if (before !== undefined) commentsOf(inside, at).closing.push(comment.text);
  else commentsOf(inside, outermost(path)).leading.push(comment.text);
}

/** A comment before the first term of a list is before the list: where printed, nothing tells the two apart. */
function outermost(path: readonly Place[]): Place {
  const last = path[path.length - 1] as Place;
  return path.find((place) => place.range.start === last.range.start) ?? last;
}

function commentsOf(inside: Map<object, NodeComments>, { node }: Place): NodeComments {
  const known = inside.get(node);
  if (known !== undefined) return known;
  const fresh = noComments();
  inside.set(node, fresh);
  return fresh;
}

function noComments(): NodeComments {
  return { leading: [], trailing: [], closing: [] };
}

function placeTree(rule: RuleNode): Place {
  const inner: Place[] = [];
  const { across, when } = rule;
  if (across !== null) {
    // The node may reach to the closing brace: the header alone is a place, what is inside the braces are others.
    inner.push({
      node: across,
      range: { start: across.range.start, end: across.within.range.end },
      inner: [],
    });
  }
  if (when !== null) {
    const parts: Place[] = [];
    if (when.each !== null) parts.push({ node: when.each, range: when.each.range, inner: [] });
    if (when.condition !== null) parts.push(conditionPlace(when.condition));
    inner.push({ node: when, range: when.range, inner: parts });
  }
  for (const clause of rule.clauses) {
    inner.push({ node: clause, range: clause.range, inner: [conditionPlace(clause.condition)] });
  }
  if (rule.condition !== null) inner.push(conditionPlace(rule.condition));
  return { node: rule, range: rule.range, inner };
}

function conditionPlace(condition: ConditionNode): Place {
  const terms = condition.kind === 'and' || condition.kind === 'or' ? condition.terms : [];
  return { node: condition, range: condition.range, inner: terms.map(conditionPlace) };
}
