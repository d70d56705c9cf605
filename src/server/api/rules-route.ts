/** `/api/v1/rules`: the loaded rules, and whether traffic is such that they can say anything. */

import { attributeName } from '../../engine/reference/predicate.ts';
import type { RuleHealth } from '../../engine/streaming/stream.ts';
import type { Rule } from '../../invariant/rule.ts';
import { hasTrigger } from '../../language/compiled-rule.ts';
import { placeOf } from '../../report/reported-diagnostic.ts';
import { ruleFacts } from '../../signal/rule-facts.ts';
import { API_VERSION, type RuleHealthDocument, type RulesDocument } from './api-documents.ts';
import { answer } from './api-request.ts';
import { Parameters } from './parameters.ts';
import type { Route } from './router.ts';
import { concernsOf } from './rule-concerns.ts';

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
  const { across } = rule.condition;
  const known: Omit<RuleHealth, 'rule' | 'ruleVersion'> = health ?? {
    unknownAttributes: [],
    applicable: 0,
    applicableInOneSpanTraces: 0,
    unseenNames: [],
    inconclusiveReasons: {},
    exceptedScopes: {},
    memberSpans: 0,
    keylessSpans: 0,
    violated: 0,
  };
  const concerns = concernsOf(known, traces, {
    id: rule.id,
    isTriggered: hasTrigger(rule.condition),
    key: (across?.key ?? []).map(attributeName),
  });
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
    violated: known.violated,
    memberSpans: known.memberSpans,
    keylessSpans: known.keylessSpans,
    concerns: concerns.map(({ text }) => text),
    remedies: concerns.map(({ remedy }) => remedy),
  };
}
