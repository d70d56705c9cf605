/** Signals, notifications and the API that tells of them. FL860 to FL864 `notify:`, FL865 to FL869 what is stored, FL870 to FL879 the API and its clients. */
import type { CodeEntry } from '../codes.ts';

export const SIGNALLING_CODES = {
  FL860: {
    name: 'missing-secret',
    title: 'What `notify:` points to is there',
    explanation:
      'Addresses of webhooks and keys are secrets: `fluo.yaml` names the environment variable or the file that holds them. It is not set, or ' +
      'cannot be read, where this program runs.',
    bad: 'notify: [{ name: team, type: slack, url_env: NOT_SET }]',
    good: 'notify: [{ name: team, type: slack, url_env: SLACK_WEBHOOK_URL }]',
  },
  FL861: {
    name: 'malformed-webhook-address',
    title: 'The address of a webhook is one',
    explanation: 'The address of a receiver begins with `https://` (or `http://`), and names a host.',
    bad: 'notify: [{ name: ops, type: webhook, url: "https://" }]',
    good: 'notify: [{ name: ops, type: webhook, url: "https://ops.example.org/fluo" }]',
  },
  FL862: {
    name: 'contradictory-receiver',
    title: 'The settings of a receiver fit together',
    explanation:
      'Each receiver has a name of its own, by which the queue knows its messages. Headers and signatures are for receivers of the type `webhook`.',
  },
  FL863: {
    name: 'malformed-header',
    title: 'The value of a header is one line of ASCII',
    explanation:
      'HTTP sends headers a line each. A value from the environment with a line end in it, as a file that was read into a variable may have, cannot be sent.',
  },
  FL865: {
    name: 'left-out-record',
    title: 'What signals and notifications are rebuilt from is whole',
    explanation:
      'Some lines of the log below `signals/` or `notify/` in the data folder are damaged, or were written by another version. They are left out and kept where they are; all ' +
      'others are used. A disk that does this once does it again: look at it.',
  },
  FL866: {
    name: 'refused-snapshot',
    title: 'A snapshot of signals is of this version',
    explanation:
      'The snapshot in the data folder is damaged, or was written by another version. It is not used: the signals are rebuilt from the log, as far as that reaches back.',
  },
  FL867: {
    name: 'rebuilt-signals',
    title: 'The log of signals holds all that people decided',
    explanation:
      'The log below `signals/` in the data folder is missing, older than the decisions in `signals/decisions/`, or damaged. What people decided was applied again, each decision ' +
      'once, and signals whose first records are lost were made again of the decisions and of later occurrences; they are marked as rebuilt. Their counts and examples may lack what ' +
      'was lost. Open signals that nobody had decided about are gone if all their records are; how they stood is in the table `signals` of the archive.',
  },
  FL870: {
    name: 'unknown-route',
    title: 'A request goes to an address that the API has',
    explanation:
      'The API has no such address, or not for this method. `docs/technical/signals.md` lists them.',
  },
  FL871: {
    name: 'refused-request',
    title: 'A request to the API comes from where it should',
    explanation:
      'The API listens on this machine and asks for no password, so it refuses what a web page could make a browser send: requests with the name of ' +
      'another host, requests of a page from elsewhere, and changes that are not JSON. Names by which it is reached besides `localhost` and addresses, as behind a proxy, stand in `serve.api.hosts` of `fluo.yaml`.',
  },
  FL872: {
    name: 'malformed-request',
    title: 'A request to the API says what it means',
    explanation:
      'A parameter or the body of a request has another form than the API expects; the message says which.',
  },
  FL873: {
    name: 'unknown-signal',
    title: 'A signal is named by its id, or by a beginning that no other has',
    explanation:
      'No signal has this id, or several begin with it. `fluo signals list --state all` shows them; signals that are resolved or taken back are forgotten after a while.',
  },
  FL874: {
    name: 'impossible-decision',
    title: 'A decision fits the state of the signal',
    explanation:
      'An open signal can be acknowledged; any can be resolved or called a false positive, once; what is closed can be opened again. A false positive needs a reason, ' +
      'for it keeps the signal quiet from then on.',
    bad: 'fluo signals false-positive 3f2a --by ada',
    good: 'fluo signals false-positive 3f2a --by ada --reason "gift cards need no stock"',
  },
  FL875: {
    name: 'not-there-yet',
    title: 'What is asked for is there already',
    explanation:
      'The server is starting or stopping, or this part of it is not there. Ask again in a moment.',
  },
  FL876: {
    name: 'no-server-answers',
    title: 'A server runs, or a data folder is there',
    explanation:
      'The command asks the running server, which it finds by the file `lock` in the data folder (`data:` in `fluo.yaml`, else `.fluo`) or by `--server`; where none runs it opens the folder ' +
      'itself. There is neither, or the server does not answer.',
    bad: 'fluo signals list --server http://localhost:1',
    good: 'fluo signals list --server http://localhost:4319',
  },
  FL877: {
    name: 'needs-server',
    title: 'What only a running server knows is asked of one',
    explanation:
      'How rules fare is known to the server that judges by them, and not kept on disk. Start it with `fluo serve`; over recorded traces `fluo check` and `fluo lint --against` say the same.',
  },
  FL879: {
    name: 'too-many-decisions',
    title: 'Decisions are made by people',
    explanation:
      'A signal takes sixty decisions a minute: each is kept on disk for good, and a program in a loop would fill it. Ask again after the time that the answer names.',
  },
  FL878: {
    name: 'strange-answer',
    title: 'Who answers is a Fluo server of this version',
    explanation:
      'Something else listens at the address, or a server of another version. The message says what it answered.',
  },
} as const satisfies Record<string, CodeEntry>;
