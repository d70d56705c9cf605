/**
 * A run in SARIF 2.1.0 (OASIS), with what GitHub's code scanning reads of it. Paths are relative to `%SRCROOT%` where they are
 * relative; columns count UTF-16 code units, as everywhere in Fluo.
 */
import { printable } from '../base/printable.ts';
import { fileUri, jsonText } from './escape.ts';
import type { Level } from './finding-level.ts';

export interface SarifRule {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly help: { readonly text: string; readonly markdown: string };
  readonly helpUri: string | null;
  readonly level: Level;
  /** Of GitHub's scale: over 9 critical, over 7 high, 4 medium, else low; null where it says nothing. */
  readonly securitySeverity: string | null;
  readonly tags: readonly string[];
}

export interface SarifResult {
  readonly ruleId: string;
  readonly level: Level;
  readonly kind: 'fail' | 'open';
  readonly message: string;
  readonly place: SarifPlace;
  readonly fingerprint: string;
  readonly occurrences: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface SarifPlace {
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
}

export interface SarifNotification {
  readonly id: string;
  readonly level: Level;
  readonly message: string;
  readonly place: SarifPlace;
}

interface SarifRun {
  readonly version: string;
  readonly rules: readonly SarifRule[];
  readonly results: Iterable<SarifResult>;
  readonly notifications: readonly SarifNotification[];
  readonly successful: boolean;
}

export function* sarifDocument(run: SarifRun): Iterable<string> {
  const driver = {
    name: 'Fluo',
    informationUri: 'https://github.com/fluohq/fluo',
    semanticVersion: run.version,
    rules: run.rules.map(ruleObject),
  };
  const invocation = {
    executionSuccessful: run.successful,
    toolExecutionNotifications: run.notifications.map(notificationObject),
  };
  yield '{\n"$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n"version": "2.1.0",\n"runs": [{\n';
  yield `"tool": ${jsonText({ driver }, 2)},\n`;
  yield `"invocations": ${jsonText([invocation], 2)},\n`;
  yield `"columnKind": "utf16CodeUnits",\n"originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},\n`;
  yield '"results": [';
  const indexes = new Map(run.rules.map((rule, index) => [rule.id, index]));
  let separator = '\n';
  for (const result of run.results) {
    yield `${separator}${jsonText(resultObject(result, indexes.get(result.ruleId)), 2)}`;
    separator = ',\n';
  }
  yield '\n]\n}]\n}\n';
}

function ruleObject(rule: SarifRule): object {
  return {
    id: rule.id,
    name: printable(rule.name),
    shortDescription: { text: messageText(printable(rule.title)) },
    help: { text: messageText(rule.help.text), markdown: rule.help.markdown },
    ...(rule.helpUri === null ? {} : { helpUri: rule.helpUri }),
    defaultConfiguration: { level: rule.level },
    properties: {
      tags: [...new Set(rule.tags.map(printable))],
      precision: 'very-high',
      ...(rule.securitySeverity === null ? {} : { 'security-severity': rule.securitySeverity }),
    },
  };
}

function resultObject(result: SarifResult, ruleIndex: number | undefined): object {
  const failed = result.kind === 'fail';
  return {
    ruleId: result.ruleId,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    // A level other than `none` is allowed for failures only (3.27.10).
    kind: result.kind,
    level: failed ? result.level : 'none',
    message: { text: messageText(result.message) },
    locations: locationsOf(result.place),
    partialFingerprints: { 'fluoClause/v1': result.fingerprint },
    occurrenceCount: result.occurrences,
    properties: result.properties,
  };
}

function notificationObject(notification: SarifNotification): object {
  return {
    descriptor: { id: notification.id },
    level: notification.level,
    message: { text: messageText(notification.message) },
    locations: locationsOf(notification.place),
  };
}

function locationsOf({ file, line, column, endLine, endColumn }: SarifPlace): object[] {
  if (file === null) return [];
  const uri = fileUri(file);
  const region =
    line === null
      ? {}
      : {
          region: {
            startLine: line,
            ...(column === null ? {} : { startColumn: column }),
            ...(endLine === null ? {} : { endLine }),
            ...(endColumn === null ? {} : { endColumn }),
          },
        };
  const artifactLocation = /^[a-z]+:/i.test(uri) ? { uri } : { uri, uriBaseId: '%SRCROOT%' };
  return [{ physicalLocation: { artifactLocation, ...region } }];
}

/** Viewers make a link of `[text](target)` in a message (3.11.6): foreign text must not be able to. */
function messageText(text: string): string {
  return text.replaceAll('](', '] (');
}
