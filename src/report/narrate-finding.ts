/** A finding in sentences: what every format that people read says about it. */
import { humanDuration } from '../base/nanos.ts';
import type { Finding, ReportedOrderViolation, ReportedSpan } from './check-report.ts';
import { counted } from './counted.ts';
import { joinPhrases, type Phrase, phraseOf, say } from './phrase.ts';
import { valueText } from './reported-span.ts';

/** What happened, in one line: for the title of an annotation. */
export function headlineOf(finding: Finding): Phrase {
  const where =
    finding.scope.kind === 'group'
      ? say`the group ${finding.scope.key ?? ''}`
      : say`the trace ${finding.traceId}`;
  return finding.verdict === 'violated'
    ? say`${finding.rule} is violated in ${where}`
    : say`${finding.rule} is not proved for ${where}`;
}

/** Why, a sentence each, the most telling first. */
export function sentencesOf(finding: Finding): Phrase[] {
  const sentences: Phrase[] = [];
  for (const selector of finding.missing) sentences.push(say`Nothing matches ${selector}.`);
  const { nearest } = finding;
  // A relation that failed is told with its intervals.
  if (nearest !== null && (nearest.attribute !== null || finding.order.length === 0)) {
    sentences.push(nearestSentence(nearest));
  }
  for (const order of distinctOrders(finding.order)) sentences.push(orderSentence(order));
  for (const measure of finding.measures) sentences.push(measureSentence(measure));
  const explained = finding.order.length + finding.measures.length + finding.missing.length > 0;
  if (finding.verdict === 'violated' && finding.spans.length > 0 && !explained) {
    sentences.push(spansSentence(finding));
  }
  if (sentences.length === 0 && finding.verdict === 'violated') {
    sentences.push(say`${finding.clause.text} decides it.`);
  }
  for (const reason of finding.reasons) sentences.push([...phraseOf(reason.message), '.']);
  if (finding.each !== null) {
    const { violated, inconclusive, satisfied } = finding.each;
    const total = violated + inconclusive + satisfied;
    if (total > 1) {
      const count = finding.verdict === 'violated' ? violated : inconclusive;
      sentences.push([
        count === 0
          ? `The ${total} spans that arrived keep the rule; one that did not may break it.`
          : `This is so for ${count} of the ${total} spans that the rule judges one by one; the first is shown.`,
      ]);
    }
  }
  return sentences;
}

/** What to do next, for an inconclusive finding; empty for a violation. */
export function advicesOf(finding: Finding): Phrase[] {
  return [...new Set(finding.reasons.map((reason) => reason.help))].map((help) => [...phraseOf(help), '.']);
}

function nearestSentence(nearest: NonNullable<Finding['nearest']>): Phrase {
  const there = say`Nearest: ${nearest.span.name} is there, but `;
  if (nearest.attribute === null) return [...there, ...say`${nearest.failed} does not hold.`];
  if (nearest.actual === null) {
    return [...there, ...say`${nearest.failed} met no ${nearest.attribute}.`];
  }
  const met = say`${nearest.failed} met ${valueText(nearest.actual)}`;
  const against = nearest.expected === null ? [] : say` against ${valueText(nearest.expected)}`;
  return [...there, ...met, ...against, '.'];
}

function measureSentence({ text, value }: Finding['measures'][number]): Phrase {
  if (value === 'unknown') return say`${text} is not known.`;
  const [first = '', joint, second = ''] = value.split(/ (or more|or less|to)(?: |$)/);
  switch (joint) {
    case 'or more':
      return say`${text} is at least ${first}.`;
    case 'or less':
      return say`${text} is at most ${first}.`;
    case 'to':
      return say`${text} is between ${first} and ${second}.`;
    default:
      return say`${text} is ${value}.`;
  }
}

/** One of each pair of names: the nearest comes first. */
function distinctOrders(orders: Finding['order']): readonly ReportedOrderViolation[] {
  const byNames = new Map<string, ReportedOrderViolation>();
  for (const order of orders) {
    const names = JSON.stringify([order.left.name, order.right.name]);
    if (!byNames.has(names)) byNames.set(names, order);
  }
  return [...byNames.values()];
}

function orderSentence({ relation, problem, left, right }: ReportedOrderViolation): Phrase {
  const wanted = say`${left.name} was to be ${[relation]} ${right.name}`;
  const leftStart = BigInt(left.start);
  const rightStart = BigInt(right.start);
  const leftEnd = BigInt(left.end);
  const rightEnd = BigInt(right.end);
  if (problem === 'unknown') return say`${wanted}, but that is too close to call.`;
  if (problem === 'overlap') {
    const from = leftStart > rightStart ? leftStart : rightStart;
    const to = leftEnd < rightEnd ? leftEnd : rightEnd;
    const length = to > from ? ` for ${humanDuration(to - from)}` : '';
    return say`${wanted}, but they overlap${[length]}: spans that overlap are in no order.`;
  }
  const gap = relation === 'before' ? rightStart - leftEnd : leftStart - rightEnd;
  if (problem === 'too-far') return say`${wanted}, but they lie ${[humanDuration(gap)]} apart.`;
  const other = relation === 'before' ? leftStart - rightEnd : rightStart - leftEnd;
  const by = other > 0n ? ` ${humanDuration(other)}` : other === 0n ? ' right' : '';
  return relation === 'before'
    ? say`${wanted}, but it began${[by]} after ${right.name} had ended.`
    : say`${wanted}, but it ended${[by]} before ${right.name} began.`;
}

function spansSentence(finding: Finding): Phrase {
  const total = finding.spans.length + finding.omitted.spans;
  const shown = joinPhrases(finding.spans.slice(0, 3).map(nameOf), ', ');
  const names: Phrase = total > 3 ? [...shown, ` and ${counted(total - 3, 'more', 'more')}`] : shown;
  const forbidden = /^(never|not)\b/.test(finding.clause.text);
  const related = /\.(inside|child_of|before|after)\(/.test(finding.clause.text);
  if (forbidden && related && total > 1) return [...names, ' are there, related as they must not be.'];
  if (forbidden)
    return [...names, total === 1 ? ' is there and must not be.' : ' are there and must not be.'];
  return total === 1
    ? say`It is decided by ${names}.`
    : say`It is decided by ${[counted(total, 'span')]}: ${names}.`;
}

function nameOf(span: ReportedSpan): Phrase {
  return span.service === '' ? say`${span.name}` : say`${span.name} of ${span.service}`;
}
