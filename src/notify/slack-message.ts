/**
 * A notification as Slack's incoming webhooks take it (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * https://docs.slack.dev/reference/block-kit/blocks): texts of foreign origin cannot mention, link or format.
 */
import { clip, printable } from '../base/printable.ts';
import { counted } from './counted.ts';
import type { Notification, NotificationEvent } from './notification.ts';

interface SlackMessage {
  /** What notifications of the operating system show, and clients without blocks. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

type SlackBlock =
  | { readonly type: 'section'; readonly text: SlackText; readonly fields?: readonly SlackText[] }
  | { readonly type: 'context'; readonly elements: readonly SlackText[] };

interface SlackText {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** Names and addresses in the text stay text. */
  readonly verbatim: true;
}

/** Slack refuses longer ones. */
const LONGEST_SECTION = 3_000;
const LONGEST_FIELD = 2_000;

const TITLES: Readonly<Record<NotificationEvent, string>> = {
  opened: 'Invariant broken',
  reopened: 'Invariant broken again',
  grew: 'Still broken',
  retracted: 'Taken back: not broken after all',
  resolved: 'Resolved',
};

const MARKS: Readonly<Record<NotificationEvent, string>> = {
  opened: ':red_circle:',
  reopened: ':red_circle:',
  grew: ':chart_with_upwards_trend:',
  retracted: ':white_circle:',
  resolved: ':large_green_circle:',
};

export function slackMessage(notification: Notification): SlackMessage {
  const { event, signal, decision } = notification;
  const { rule } = signal;
  const title = `${TITLES[event]}: ${rule.id}`;
  const sentence = sentenceOf(notification);
  const blocks: SlackBlock[] = [
    {
      type: 'section',
      text: mrkdwn(
        `${MARKS[event]} *${TITLES[event]}:* ${code(rule.id)}${rule.name === rule.id ? '' : `\n${escaped(clip(rule.name, 300))}`}\n${escaped(
          clip(sentence, 2_000),
        )}`,
        LONGEST_SECTION,
      ),
      fields: fieldsOf(notification),
    },
  ];
  if (decision !== null) {
    const why = decision.reason === '' ? '' : `: ${escaped(clip(decision.reason, 500))}`;
    blocks.push({
      type: 'section',
      text: mrkdwn(`By ${code(decision.by)}${why}`, LONGEST_SECTION),
    });
  }
  blocks.push({ type: 'context', elements: [mrkdwn(footerOf(notification), LONGEST_FIELD)] });
  return { text: escaped(printable(clip(`${title}. ${sentence}`, 500))), blocks };
}

const RETRACTED_SENTENCE =
  'Spans that came late show that it was kept. Every occurrence of this signal is taken back.';

function sentenceOf({ event, signal, heldBack }: Notification): string {
  const sentence = event === 'retracted' ? RETRACTED_SENTENCE : signal.summary;
  if (heldBack === undefined) return sentence;
  const since = `since ${new Date(heldBack.since).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  if (heldBack.of === 'rule') return `And ${counted(heldBack.count, 'more signal')} of this rule ${since}.`;
  return `${sentence} It changed ${counted(heldBack.count, 'more time')} ${since}, broken and taken back by turns; this is how it stands.`;
}

function fieldsOf({ signal, heldBack }: Notification): SlackText[] {
  const { rule } = signal;
  const severity = `${rule.severity}, ${rule.enforcement}${rule.invariant === null ? '' : `, ${rule.invariant}`}`;
  const fields: [name: string, value: string][] = [
    ['Severity', escaped(severity)],
    ['Occurrences', escaped(counted(signal.occurrences, 'occurrence'))],
    ['Services', listed(signal.services)],
    ['Versions', listed(signal.versions.map(({ service, version }) => `${service} ${version}`))],
    ['Environments', listed(signal.environments)],
    ['Owner', rule.owner === null ? '' : escaped(rule.owner)],
    ['Trace', signal.traceIds[0] === undefined ? '' : code(signal.traceIds[0])],
    ['Runbook', rule.runbook === null ? '' : linked(rule.runbook)],
  ];
  return fields
    .filter(([name, value]) => value !== '' && (heldBack?.of !== 'rule' || FIELDS_OF_RULE.includes(name)))
    .map(([name, value]) => mrkdwn(`*${name}*\n${value}`, LONGEST_FIELD));
}

/** What is true of all signals of a rule. */
const FIELDS_OF_RULE: readonly string[] = ['Severity', 'Owner', 'Runbook'];

function footerOf({ event, signal, heldBack }: Notification): string {
  if (heldBack?.of === 'rule') {
    const state = event === 'retracted' ? ' --state retracted' : '';
    return escaped(clip(`fluo signals list --rule ${signal.rule.id}${state}`, 500));
  }
  return `fluo signals show ${signal.id} · clause ${code(clip(signal.clause, 300))}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(code).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** A link if it is one that a person may be sent to, else text. */
function linked(address: string): string {
  if (!URL.canParse(address)) return escaped(clip(address, 500));
  const { protocol, href } = new URL(address);
  if (protocol !== 'https:' && protocol !== 'http:') return escaped(clip(address, 500));
  const target = href.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E');
  return `<${escaped(target)}|${escaped(clip(href, 200)).replaceAll('|', '¦')}>`;
}

/** Code has no escapes in Slack: a backtick of its own would end it. */
function code(text: string): string {
  const shown = escaped(clip(text, 500)).replaceAll('`', 'ˋ');
  return shown.trim() === '' ? '' : `\`${shown}\``;
}

/** The three characters that Slack has escapes for; what does not print is made visible. */
function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function mrkdwn(text: string, longest: number): SlackText {
  return { type: 'mrkdwn', text: clip(text, longest), verbatim: true };
}
