/** Attributes that the spans asked do not have, or have with another type; words that are attributes. */
import { didYouMean } from '../../base/suggest.ts';
import type { Diagnostic, TextRange } from '../../diagnostic/diagnostic.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import type { AttributeNode, LeftNode, MeasureNode, ReferenceNode, SelectorNode } from '../ast.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import { type ExpectedType, expectedTypes, measuredTypes } from '../expectation.ts';
import type { ObservedName, ObservedTraffic } from '../observed-traffic.ts';
import { printAttribute, printMatcher, printPredicate } from '../print.ts';
import { openMacros, type TestNode, walkRule } from '../walk.ts';
import { finding } from './finding.ts';
import { observedUnder } from './observed-names.ts';

/** Sightings of one attribute on the spans of a selector. */
interface Sighting {
  readonly spans: number;
  /** Spans that have it. */
  readonly count: number;
  readonly types: ReadonlyMap<string, number>;
  readonly samples: readonly AttributeValue[];
  /** That it was never there is certain. */
  readonly complete: boolean;
  /** `samples` holds every value that was sent. */
  readonly allSampled: boolean;
}

/** FL423, FL424 and FL425. */
export function attributeLints(rule: CompiledRule, observed: ObservedTraffic): Diagnostic[] {
  const found: Diagnostic[] = [];
  const told = new Set<string>();
  const negated = new Set<LeftNode>();
  const once = (key: string, tell: () => Diagnostic | null): void => {
    if (told.has(key)) return;
    const diagnostic = tell();
    if (diagnostic === null) return;
    told.add(key);
    found.push(diagnostic);
  };
  walkRule(rule, {
    measure(measure) {
      if (measure.kind !== 'sum') return;
      const of = openMacros(measure.selector);
      const { attribute } = measure;
      once(`type ${keyOf(attribute, of)}`, () =>
        otherType(
          rule,
          { attribute, of, at: attribute.range, types: measuredTypes(measure), asked: '`sum`', left: null },
          observed,
        ),
      );
    },
    test(test, at, of) {
      // "not there" of what is never there is just what the rule wants to see.
      if (test.kind === 'exists' && test.negated) negated.add(test.left);
      const { attribute } = test.left;
      once(`type ${keyOf(attribute, of)}`, () =>
        otherType(
          rule,
          {
            attribute,
            of,
            at,
            types: expectedTypes(test),
            asked: `\`${printPredicate(test)}\``,
            left: at === test.range ? test.left : null,
          },
          observed,
        ),
      );
      once(`literal ${printPredicate(test)}`, () => literalLikeAttribute(rule, test, at, of, observed));
    },
    attribute(attribute, by, at, of) {
      if (by.kind === 'left' && negated.has(by)) return;
      const owner = ownerOf(rule, by, of);
      if (owner === null) return;
      once(`unknown ${keyOf(attribute, owner)}`, () =>
        unknownAttribute(rule, attribute, at, owner, observed),
      );
    },
  });
  return found;
}

/** What was seen of an attribute, where it was looked for; null for fields, and where no such span was seen. */
export function sightingOf(
  attribute: AttributeNode,
  of: SelectorNode,
  observed: ObservedTraffic,
): Sighting | null {
  if (attribute.where === 'field') return null;
  const names = observedUnder(of.matcher, observed);
  if (names.length === 0) return null;
  const types = new Map<string, number>();
  const samples: AttributeValue[] = [];
  let count = 0;
  let allSampled = true;
  for (const name of names) {
    const own = attribute.where === 'any' ? name.attributes.get(attribute.name) : undefined;
    const seen = own ?? name.resource.get(attribute.name);
    if (seen === undefined) continue;
    count += seen.count;
    // Spans without an attribute of their own may have their resource's.
    const twofold = own !== undefined && name.resource.has(attribute.name);
    if (!seen.complete || twofold) allSampled = false;
    samples.push(...seen.samples);
    for (const [type, times] of seen.types) types.set(type, (types.get(type) ?? 0) + times);
  }
  return {
    spans: names.reduce((sum, name) => sum + name.count, 0),
    count,
    types,
    samples,
    complete: observed.unlisted === 0 && names.every((name) => !name.cut),
    allSampled,
  };
}

function keyOf(attribute: AttributeNode, of: SelectorNode): string {
  return `${printAttribute(attribute)} ${printMatcher(of.matcher)}`;
}

/** On whose spans the attribute is looked for. */
function ownerOf(
  rule: CompiledRule,
  by: LeftNode | ReferenceNode | MeasureNode,
  of: SelectorNode,
): SelectorNode | null {
  if (by.kind !== 'reference' || by.of === 'this') return of;
  return rule.each === null ? null : openMacros(rule.each.selector);
}

function unknownAttribute(
  rule: CompiledRule,
  attribute: AttributeNode,
  at: TextRange,
  of: SelectorNode,
  observed: ObservedTraffic,
): Diagnostic | null {
  const seen = sightingOf(attribute, of, observed);
  if (seen === null || seen.count > 0 || !seen.complete) return null;
  const names = observedUnder(of.matcher, observed);
  const known = new Set(names.flatMap((name) => namesOfAttributes(name, attribute.where === 'any')));
  const near = didYouMean(attribute.name, known);
  const spans = `${seen.spans} \`${printMatcher(of.matcher)}\` ${seen.spans === 1 ? 'span' : 'spans'}`;
  return finding(rule, {
    code: 'FL423',
    range: at,
    message: `none of ${spans} has the attribute \`${printAttribute(attribute)}\`${near === '' ? '' : `: ${near}`}`,
    ...(near === '' && known.size > 0 ? { notes: [`they have ${listed([...known])}`] } : {}),
    help: 'use the name that is sent, or set the attribute where the span is made',
  });
}

export function namesOfAttributes(name: ObservedName, own: boolean): string[] {
  return [...(own ? name.attributes.keys() : []), ...name.resource.keys()];
}

const MOST_LISTED = 6;

export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).map((name) => `\`${name}\``);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

interface TypedUse {
  readonly attribute: AttributeNode;
  readonly of: SelectorNode;
  readonly at: TextRange;
  readonly types: readonly ExpectedType[] | null;
  readonly asked: string;
  /** Where a conversion can be written. */
  readonly left: LeftNode | null;
}

function otherType(rule: CompiledRule, use: TypedUse, observed: ObservedTraffic): Diagnostic | null {
  const { attribute, of, types, left } = use;
  const seen = sightingOf(attribute, of, observed);
  if (types === null || seen === null || seen.count === 0) return null;
  const fitting = types.reduce((sum, type) => sum + (seen.types.get(type) ?? 0), 0);
  const others = [...seen.types].filter(([type]) => !(types as readonly string[]).includes(type));
  if (others.length === 0) return null;
  const sent = others.map(([type, times]) => `${type} on ${times}`).join(', ');
  const spelled = printAttribute(attribute);
  const conversion = left === null || left.convert !== null ? null : conversionTo(types, seen);
  return finding(rule, {
    code: 'FL424',
    severity: fitting === 0 ? 'warning' : 'info',
    range: use.at,
    message: `${use.asked} expects ${types.join(' or ')}, and \`${spelled}\` was sent as ${sent} of ${seen.count} spans`,
    help:
      conversion === null
        ? 'compare with a value of the type that is sent, or send the other type'
        : `write \`${conversion}(${spelled})\`, or send the type that is compared with`,
    fix:
      conversion === null || left === null || fitting > 0
        ? null
        : { range: left.range, text: `${conversion}(${spelled})` },
  });
}

/** The conversion that reads all that was sent. */
function conversionTo(types: readonly ExpectedType[], seen: Sighting): 'number' | 'text' | null {
  const [only] = types;
  if (types.length !== 1) return null;
  if (only === 'text' && [...seen.types.keys()].every((type) => type !== 'array' && type !== 'map'))
    return 'text';
  const texts = seen.samples.filter((sample) => typeof sample === 'string');
  const areNumbers = texts.length > 0 && texts.every((text) => /^-?\d+(?:\.\d+)?$/.test(text));
  return only === 'number' && areNumbers ? 'number' : null;
}

function literalLikeAttribute(
  rule: CompiledRule,
  test: TestNode,
  at: TextRange,
  of: SelectorNode,
  observed: ObservedTraffic,
): Diagnostic | null {
  if (test.kind !== 'test' || test.right.kind !== 'value' || !test.right.bare) return null;
  const word = String(test.right.value);
  const { range } = test.right;
  const meant: AttributeNode = { kind: 'attribute', where: 'any', name: word, quoted: false, range };
  const seen = sightingOf(meant, of, observed);
  const left = sightingOf(test.left.attribute, of, observed);
  // A word that the attribute really has as its value is what it seems to be.
  if (seen === null || seen.count === 0 || left?.samples.includes(word) === true) return null;
  return finding(rule, {
    code: 'FL425',
    range: at === test.range ? range : at,
    message: `\`${word}\` is the text "${word}" here, and \`${printMatcher(of.matcher)}\` spans have an attribute of that name`,
    help: `write \`this.${word}\` for the attribute, or \`"${word}"\` for the text`,
  });
}
