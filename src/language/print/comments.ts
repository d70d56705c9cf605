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

interface CommentPlaces {
  /** Before the rule, behind it on its last line, and on lines after it. */
  readonly outside: NodeComments;
  /** Of the rule (behind its last part, before the closing brace of `across`), of its parts, and of conditions. */
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
      const last = root.inner.at(-1);
      const taken =
        rule.across === null && last !== undefined && commentsOf(inside, last).trailing.length > 0;
      const isTrailing = !comment.ownLine && !taken && outside.trailing.length === 0;
      (isTrailing ? outside.trailing : outside.closing).push(comment.text);
    } else place(comment, [root], inside);
  }
  return { outside, inside };
}

interface Place {
  readonly node: object;
  readonly range: TextRange;
  readonly inner: readonly Place[];
  /** Its first inner place opens it and its last one closes it: nothing but parentheses is around them. */
  readonly bare: boolean;
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
  const behind = before === undefined ? null : commentsOf(inside, outermost([...path, before], -1)).trailing;
  const ahead = after === undefined ? null : commentsOf(inside, outermost([...path, after], 0)).leading;
  const block = path.findLast((one) => !one.bare) ?? at;
  if (commentsOf(inside, block).closing.length > 0) {
    commentsOf(inside, block).closing.push(comment.text);
    return;
  }
  // A second comment at the end of the same line, as parentheses allow, would become part of the first; and one behind an
  // operator must not overtake one that stands before it.
  if (!comment.ownLine && behind?.length === 0 && (ahead === null || ahead.length === 0)) {
    behind.push(comment.text);
  } else if (ahead !== null) {
    ahead.push(comment.text);
  } else if (before === undefined) {
    commentsOf(inside, outermost(path, 0)).leading.push(comment.text);
  } else placeBehind(comment, path, inside);
}

/** Alone on its line behind the last term of a list: before what follows the list, or at the end of the block. */
function placeBehind(comment: CommentNode, path: readonly Place[], inside: Map<object, NodeComments>): void {
  const at = path[path.length - 1] as Place;
  const around = path[path.length - 2];
  if (!at.bare || around === undefined) {
    commentsOf(inside, at).closing.push(comment.text);
    return;
  }
  const next = around.inner[around.inner.indexOf(at) + 1];
  if (next === undefined) placeBehind(comment, path.slice(0, -1), inside);
  else commentsOf(inside, next).leading.push(comment.text);
}

/** What opens (0) or closes (-1) a list opens or closes all of it: where printed, nothing tells the two apart. */
function outermost(path: readonly Place[], end: 0 | -1): Place {
  let at = path.length - 1;
  while (at > 0 && path[at - 1]?.bare === true && path[at - 1]?.inner.at(end) === path[at]) at--;
  return path[at] as Place;
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
      bare: false,
    });
  }
  if (when !== null) {
    const parts: Place[] = [];
    if (when.each !== null) parts.push({ node: when.each, range: when.each.range, inner: [], bare: false });
    if (when.condition !== null) parts.push(conditionPlace(when.condition));
    inner.push({ node: when, range: when.range, inner: parts, bare: false });
  }
  for (const clause of rule.clauses) {
    inner.push({ node: clause, range: clause.range, inner: [conditionPlace(clause.condition)], bare: false });
  }
  if (rule.condition !== null) inner.push(conditionPlace(rule.condition));
  return { node: rule, range: rule.range, inner, bare: false };
}

function conditionPlace(condition: ConditionNode): Place {
  const terms = condition.kind === 'and' || condition.kind === 'or' ? condition.terms : [];
  return { node: condition, range: condition.range, inner: terms.map(conditionPlace), bare: true };
}
