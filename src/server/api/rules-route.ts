/** `/api/v1/rules`: the loaded rules, and whether traffic is such that they can say anything. */

import type { RuleHealth } from '../../engine/streaming/stream.ts';
import type { Rule } from '../../invariant/rule.ts';
import { hasTrigger } from '../../language/compiled-rule.ts';
import { counted } from '../../report/counted.ts';
import { placeOf } from '../../report/reported-diagnostic.ts';
import { ruleFacts } from '../../signal/rule-facts.ts';
import { API_VERSION, type RuleHealthDocument, type RulesDocument } from './api-documents.ts';
import { answer } from './api-request.ts';
import { Parameters } from './parameters.ts';
import type { Route } from './router.ts';

export interface RuleServices {
  /** In the order of their files. */
  rules(): readonly { readonly rule: Rule; readonly version: string }[];
  health(): readonly RuleHealth[];
  /** Since the server started: traces that were closed, and those of one span. */
  traces(): { readonly closed: number; readonly oneSpan: number };
}

export function rulesRoute(services: RuleServices): Route {
  return {
    method: 'GET',
    path: '/api/v1/rules',
    answer: ({ query }) => new Parameters(query, []).problem ?? answer(rulesDocument(services)),
  };
}

function rulesDocument(services: RuleServices): RulesDocument {
  const { closed, oneSpan } = services.traces();
  const health = new Map(services.health().map((one) => [one.rule, one]));
  return {
    schemaVersion: API_VERSION,
    traces: closed,
    oneSpanTraces: oneSpan,
    rules: services
      .rules()
      .map(({ rule, version }) => ruleDocument(rule, version, health.get(rule.id), closed)),
  };
}

function ruleDocument(
  rule: Rule,
  version: string,
  health: RuleHealth | undefined,
  traces: number,
): RuleHealthDocument {
  const known: Omit<RuleHealth, 'rule' | 'ruleVersion'> = health ?? {
    unknownAttributes: [],
    applicable: 0,
    applicableInOneSpanTraces: 0,
    unseenNames: [],
    inconclusiveReasons: {},
    exceptedScopes: {},
  };
  return {
    rule: ruleFacts(rule),
    file: rule.file.name,
    line: placeOf(rule.file, rule.range).line,
    version,
    applicable: known.applicable,
    applicableInOneSpanTraces: known.applicableInOneSpanTraces,
    unseenNames: known.unseenNames,
    unknownAttributes: known.unknownAttributes.map(({ attribute, missing, otherType }) => ({
      attribute,
      missing,
      otherType,
    })),
    inconclusiveReasons: known.inconclusiveReasons,
    exceptedScopes: known.exceptedScopes,
    concerns: concernsOf(known, traces, hasTrigger(rule.condition)),
  };
}

/** Fewer traces say nothing about a rule. */
const ENOUGH_TRACES = 100;
/** Fewer applicable scopes say nothing about the producer of a rule's trigger. */
const ENOUGH_SCOPES = 20;
const MOST_NAMES = 5;

/** What is wrong with the traffic or the rule, a sentence each. Exported for its test. */
export function concernsOf(
  health: Omit<RuleHealth, 'rule' | 'ruleVersion'>,
  traces: number,
  isTriggered: boolean,
): string[] {
  const concerns: string[] = [];
  const { applicable, applicableInOneSpanTraces: alone } = health;
  if (isTriggered && applicable === 0 && traces >= ENOUGH_TRACES) {
    concerns.push(
      `never applicable in ${counted(traces, 'trace')}: is its trigger spelled as the spans are?`,
    );
  }
  if (health.unseenNames.length > 0 && traces >= ENOUGH_TRACES) {
    const names = health.unseenNames
      .slice(0, MOST_NAMES)
      .map((name) => `\`${name}\``)
      .join(', ');
    const more =
      health.unseenNames.length > MOST_NAMES ? ` and ${health.unseenNames.length - MOST_NAMES} more` : '';
    concerns.push(`no span was ever named ${names}${more}`);
  }
  if (isTriggered && applicable >= ENOUGH_SCOPES && alone * 10 >= applicable) {
    concerns.push(
      `${alone} of ${counted(applicable, 'applicable scope')} are traces of one span: the trigger's service loses the trace context`,
    );
  }
  for (const { attribute, missing, otherType } of health.unknownAttributes) {
    if (otherType > 0) {
      concerns.push(
        `\`${attribute}\` was of another type than the rule compares with, ${timesOf(otherType)}`,
      );
    }
    if (missing > 0)
      concerns.push(`\`${attribute}\` was missing where the rule compares it, ${timesOf(missing)}`);
  }
  const open = Object.entries(health.inconclusiveReasons).filter(([, count]) => count > 0);
  if (open.length > 0) {
    const reasons = open
      .sort(([, a], [, b]) => b - a)
      .map(([reason, count]) => `${reason} ${timesOf(count)}`);
    concerns.push(`not proved: ${reasons.join(', ')}`);
  }
  return concerns;
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : counted(count, 'time');
}
