/** What stands in the log besides requests: that the engine went on after a restart, and which rules it had from then on. */
import type { LiveRule, Millis } from '../engine/streaming/stream.ts';

/** Which rules were in force: their ids and versions. */
export type RuleVersions = readonly (readonly [id: string, version: string])[];

export function versionsOf(rules: readonly LiveRule[]): RuleVersions {
  return rules.map(({ rule, version }) => [rule.id, version]);
}

export function rulesRecord(rules: readonly LiveRule[]): Uint8Array {
  return Buffer.from(JSON.stringify({ rules: versionsOf(rules) }));
}

/** `tickedTo`: how far the engine's time had come before. */
export function resumeRecord(tickedTo: Millis): Uint8Array {
  return Buffer.from(JSON.stringify({ tickedTo }));
}

export function readRulesRecord(bytes: Uint8Array): RuleVersions {
  return (JSON.parse(Buffer.from(bytes).toString()) as { rules: RuleVersions }).rules;
}

export function readResumeRecord(bytes: Uint8Array): Millis {
  return (JSON.parse(Buffer.from(bytes).toString()) as { tickedTo: Millis }).tickedTo;
}
