/** Rule files: YAML to compiled rules, with every problem at its place in the file. */
import { parseDuration } from '../base/nanos.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Diagnostic, SourceText } from '../diagnostic/diagnostic.ts';
import { positionOf } from '../diagnostic/position.ts';
import { compileRule } from '../language/compile.ts';
import { type CompiledRule, hasTrigger, type RuleScope } from '../language/compiled-rule.ts';
import { ENFORCEMENTS, type Enforcement, RULE_SEVERITIES, type Rule, type RuleSeverity } from './rule.ts';
import { readExceptions } from './rule-file/exceptions.ts';
import { foldedComments } from './rule-file/folded-comment.ts';
import { readScope } from './rule-file/scope.ts';
import { ORIGIN, RULE_FILE_SHAPE, SHARE } from './rule-file/shape.ts';
import { checkShape } from './shape/check-shape.ts';
import { listOf, mapOf, plainText, plainValue, textOf, textsOf, valueAt } from './yaml/access.ts';
import { embeddedSource, inFile } from './yaml/embedded.ts';
import { readYaml, type YamlMap, type YamlNode, type YamlScalar } from './yaml/read-yaml.ts';

export interface RuleFileLoad {
  /** In the order of the file; empty when any diagnostic is an error. */
  readonly rules: readonly Rule[];
  /** All problems of the file, in its order. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Loads a rule file. `today` (ISO date, UTC) decides which exceptions have expired. A file with an error gives no rules at
 * all: half a file would be other promises than those that were reviewed. Never throws on what is in the file.
 */
export function loadRuleFile(source: SourceText, today: string): RuleFileLoad {
  const reading = readYaml(source);
  const diagnostics: Diagnostic[] = [...reading.diagnostics];
  const root = mapOf(reading.root);
  let rules: Rule[] = [];
  if (root !== null && valueAt(root, 'rules') !== null) {
    diagnostics.push(...checkShape(source, root, RULE_FILE_SHAPE, ''));
    rules = new RuleReader(source, today, diagnostics).read(root);
  } else if (!diagnostics.some(isError)) {
    diagnostics.push(notARuleFile(source, reading.root));
  }
  diagnostics.sort((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0));
  return { rules: diagnostics.some(isError) ? [] : rules, diagnostics };
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error';
}

function notARuleFile(source: SourceText, root: YamlNode | null): Diagnostic {
  const map = mapOf(root);
  const keys = map?.entries.map((entry) => entry.name) ?? [];
  const near = keys.find((key) => didYouMean(key, ['rules']) !== '') ?? null;
  const entry = map?.entries.find((candidate) => candidate.name === near) ?? map?.entries[0];
  const start = entry?.key.range.start ?? root?.range.start ?? 0;
  const isTest = keys.includes('tests');
  return {
    code: 'FL311',
    severity: 'error',
    message:
      root === null
        ? 'the file is empty, and a file in a folder of rules has `rules:`'
        : 'the file has no `rules:`, and so no rule is loaded from it',
    source,
    range: entry?.key.range ?? { start, end: Math.min(start + 1, source.text.length) },
    help: isTest
      ? 'rule tests are in files that end in `.test.yaml`: rename it'
      : near !== null
        ? `did you mean \`rules\`, where \`${near}\` stands?`
        : 'write the rules below `rules:`, or move the file out of the folder',
  };
}

class RuleReader {
  readonly #source: SourceText;
  readonly #today: string;
  readonly #diagnostics: Diagnostic[];
  readonly #ids = new Map<string, YamlScalar>();

  constructor(source: SourceText, today: string, diagnostics: Diagnostic[]) {
    this.#source = source;
    this.#today = today;
    this.#diagnostics = diagnostics;
  }

  read(root: YamlMap): Rule[] {
    const scope = readScope(this.#source, root, this.#diagnostics);
    return (listOf(valueAt(root, 'rules'))?.items ?? []).flatMap((item) => {
      const map = mapOf(item);
      return map === null ? [] : (this.#rule(map, scope) ?? []);
    });
  }

  /** The rule, or null where it lacks what a rule must have; the diagnostics then have an error. */
  #rule(map: YamlMap, scope: RuleScope): Rule | null {
    const id = this.#id(map);
    const condition = this.#condition(map, scope);
    const origin = readOrigin(map);
    this.#checkNumber(map, origin);
    const exceptions = readExceptions(valueAt(map, 'exceptions'), {
      file: this.#source,
      triggered: condition === null ? null : hasTrigger(condition.compiled),
      today: this.#today,
      diagnostics: this.#diagnostics,
    });
    const raise = this.#raise(map);
    if (valueAt(map, 'origin') === null) this.#noOrigin(map, id);
    if (id === null || condition === null) return null;
    const environments = valueAt(map, 'environments');
    return {
      id,
      name: plainText(valueAt(map, 'name')) ?? id,
      invariant: plainText(valueAt(map, 'invariant')),
      severity: oneOf<RuleSeverity>(valueAt(map, 'severity'), RULE_SEVERITIES) ?? 'medium',
      category: plainText(valueAt(map, 'category')),
      enforcement:
        oneOf<Enforcement>(valueAt(map, 'enforcement'), ENFORCEMENTS) ?? defaultEnforcement(origin),
      enforcementByOrigin:
        valueAt(map, 'enforcement') === null && defaultEnforcement(origin) === 'audit-only',
      environments: environments === null ? null : textsOf(environments),
      condition: condition.compiled,
      scope,
      onIncomplete: plainText(valueAt(map, 'on_incomplete')) === 'judge' ? 'judge' : 'inconclusive',
      raise,
      exceptions,
      compliance: textsOf(valueAt(map, 'compliance')),
      owner: plainText(valueAt(map, 'owner')),
      origin,
      runbook: plainText(valueAt(map, 'runbook')),
      file: this.#source,
      range: map.range,
      toFileOffset: (offset) => condition.scalar.toOuter(offset),
    };
  }

  #id(map: YamlMap): string | null {
    const id = textOf(valueAt(map, 'id'));
    if (id === null) return null;
    const first = this.#ids.get(id.text);
    if (first === undefined) {
      this.#ids.set(id.text, id.node);
      return id.text;
    }
    const { line, column } = positionOf(this.#source.text, first.range.start);
    this.#diagnostics.push({
      code: 'FL309',
      severity: 'error',
      message: `the rule id \`${id.text}\` is here a second time`,
      source: this.#source,
      range: id.node.range,
      notes: [`the first is in line ${line}, column ${column}`],
      help: 'give one of the two rules another id',
    });
    return id.text;
  }

  #condition(
    map: YamlMap,
    scope: RuleScope,
  ): { readonly compiled: CompiledRule; readonly scalar: YamlScalar } | null {
    const condition = textOf(valueAt(map, 'condition'));
    if (condition === null || condition.text.trim() === '') return null;
    const folded = foldedComments(this.#source, condition.node, condition.text);
    if (folded.length > 0) {
      // What the rest of the text then means is nothing that anybody wrote.
      this.#diagnostics.push(...folded);
      return null;
    }
    const { rule, diagnostics } = compileRule(embeddedSource(this.#source, condition.text), scope);
    this.#diagnostics.push(...inFile(diagnostics, this.#source, condition.node));
    return rule === null ? null : { compiled: rule, scalar: condition.node };
  }

  #raise(map: YamlMap): Rule['raise'] {
    const raise = mapOf(valueAt(map, 'raise'));
    if (raise === null) return null;
    const share = textOf(valueAt(raise, 'share'));
    const within = textOf(valueAt(raise, 'within'));
    const atLeast = valueAt(raise, 'at_least');
    const parts = share === null || !SHARE.test(share.text) ? null : Number(share.text.slice(0, -1)) / 100;
    const withinNanos = within === null ? null : parseDuration(within.text);
    if (share !== null && parts !== null && (parts <= 0 || parts > 1)) {
      this.#malformed(
        share.node,
        `a share is more than 0% and at most 100%, and found \`${share.text}\``,
        'write a share such as `5%`',
      );
    }
    if (within !== null && withinNanos === 0n) {
      this.#malformed(
        within.node,
        'the time of a share is longer than nothing',
        'write a duration such as `1m`',
      );
    }
    if (parts === null || withinNanos === null) return null;
    const least = atLeast === null ? 1 : plainValue(atLeast);
    return { share: parts, withinNanos, atLeast: typeof least === 'number' ? least : 1 };
  }

  #checkNumber(map: YamlMap, origin: Rule['origin']): void {
    const invariant = textOf(valueAt(map, 'invariant'));
    if (invariant === null || origin?.kind === 'incident') return;
    // A malformed origin has its own error.
    if (origin === null && valueAt(map, 'origin') !== null) return;
    this.#diagnostics.push({
      code: 'FL316',
      severity: 'error',
      message: `\`${invariant.text}\` is earned by an incident, and the rule ${origin === null ? 'has no origin' : `comes of \`${origin.kind}:\``}`,
      source: this.#source,
      range: invariant.node.range,
      help: 'name the incident, as in `origin: incident:2026-01-20-double-charge`, or remove the number: the rule is judged without it just as well',
    });
  }

  #noOrigin(map: YamlMap, id: string | null): void {
    const at = map.entries.find((entry) => entry.name === 'id') ?? map.entries[0];
    this.#diagnostics.push({
      code: 'FL318',
      severity: 'info',
      message: `the rule${id === null ? '' : ` \`${id}\``} does not say why it exists`,
      source: this.#source,
      range: at?.value.range ?? map.range,
      help: 'add `origin:` with `incident:`, `failure:`, `regulation:` or `spec:` and a reference',
    });
  }

  #malformed(node: YamlScalar, message: string, help: string): void {
    this.#diagnostics.push({
      code: 'FL308',
      severity: 'error',
      message,
      source: this.#source,
      range: node.range,
      help,
    });
  }
}

function readOrigin(map: YamlMap): Rule['origin'] {
  const match = ORIGIN.exec(plainText(valueAt(map, 'origin')) ?? '');
  if (match === null) return null;
  const [, kind = '', reference = ''] = match;
  return { kind: kind as NonNullable<Rule['origin']>['kind'], reference: reference.trim() };
}

/** A practice (a rule that no incident of one's own made) only watches, until a person writes an enforcement into the file. */
function defaultEnforcement(origin: Rule['origin']): Enforcement {
  return origin === null || origin.kind === 'incident' ? 'soft-warning' : 'audit-only';
}

function oneOf<T extends string>(node: YamlNode | null, values: readonly T[]): T | null {
  const text = plainText(node);
  return values.find((value) => value === text) ?? null;
}
