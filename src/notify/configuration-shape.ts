/** The shape of `notify:` in `fluo.yaml`. */
import { RULE_SEVERITIES } from '../invariant/rule.ts';
import { type ListShape, NOT_EMPTY, type RecordShape } from '../invariant/shape/shape.ts';

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function headers(description: string, value: string): RecordShape {
  return {
    kind: 'record',
    description,
    name: HEADER_NAME,
    what: 'the name of an HTTP header',
    values: { kind: 'text', description: value },
  };
}

export const NOTIFY_SHAPE: ListShape = {
  kind: 'list',
  atLeast: 1,
  description: 'Who is told about signals. Absent: nobody.',
  items: {
    kind: 'map',
    description: 'A receiver.',
    oneOf: ['url', 'url_env', 'url_file'],
    keys: {
      name: {
        required: true,
        shape: {
          kind: 'text',
          pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
          what: 'a short name of letters, digits and `.`, `_`, `-`',
          description: 'Its name, unique: messages that wait belong to it also after a restart.',
        },
      },
      type: {
        required: true,
        shape: {
          kind: 'text',
          values: ['slack', 'webhook'],
          description: '`slack`: an incoming webhook of Slack. `webhook`: JSON by POST to any address.',
        },
      },
      url: {
        shape: {
          kind: 'text',
          pattern: /^https?:\/\/\S+$/,
          what: 'an address such as `https://example.org/hook`',
          description: 'The address. That of Slack is a secret: better in `url_env` or `url_file`.',
        },
      },
      url_env: {
        shape: {
          kind: 'text',
          pattern: NOT_EMPTY,
          description: 'The environment variable that holds the address.',
        },
      },
      url_file: {
        shape: { kind: 'text', pattern: NOT_EMPTY, description: 'A file that holds the address.' },
      },
      min_severity: {
        shape: {
          kind: 'text',
          values: RULE_SEVERITIES,
          default: 'low',
          description: 'Signals of rules of this severity and worse.',
        },
      },
      send_retractions: {
        shape: {
          kind: 'boolean',
          default: true,
          description:
            'Also when a signal is taken back, because spans came late and show that the rule was kept.',
        },
      },
      send_resolved: {
        shape: { kind: 'boolean', default: false, description: 'Also when somebody resolves a signal.' },
      },
      send_audit_only: {
        shape: {
          kind: 'boolean',
          default: true,
          description: 'Also signals of rules that only watch (`enforcement: audit-only`).',
        },
      },
      headers: { shape: headers('Of `webhook`: headers to send.', 'The value.') },
      headers_env: {
        shape: headers(
          'Of `webhook`: headers whose values are secrets.',
          'The environment variable that holds the value.',
        ),
      },
      secret_env: {
        shape: {
          kind: 'text',
          pattern: NOT_EMPTY,
          description:
            'Of `webhook`: the environment variable with the key of the header `Fluo-Signature`; absent: not signed.',
        },
      },
      secret_file: {
        shape: { kind: 'text', pattern: NOT_EMPTY, description: 'The same, from a file.' },
      },
    },
  },
};
