/** The shape of a rule file. The loader checks against it, and `schema/rules.schema.json` is generated from it. */
import { ENFORCEMENTS, RULE_SEVERITIES } from '../rule.ts';
import { DURATION, ISO_DATE, KEBAB_CASE, type MapShape, NOT_EMPTY, WORD } from '../shape/shape.ts';

/** The categories of the Spec Delta template; any other text may stand instead. */
const CATEGORIES = [
  'Critical Data Protection',
  'Observability Requirements',
  'Deployment Safety',
  'Security Boundaries',
  'Performance Guarantees',
  'API Contracts',
] as const;

export const ORIGIN = /^(incident|failure|regulation|spec):\s*(\S[^\n]*)$/;
export const SHARE = /^\d+(?:\.\d+)?%$/;
const INVARIANT = /^INVARIANT-\d+$/;
/** An address of the web or a path in the repository: it becomes a link, so no other scheme may stand there. */
const RUNBOOK = /^(?:https?:\/\/\S+|[\w.][\w./-]*(?:#[\w-]+)?)$/;

const EXCEPTION: MapShape = {
  kind: 'map',
  description:
    'Spans that do not trigger the rule, by values of their attributes, for a reason and until a day.',
  keys: {
    name: {
      required: true,
      shape: { kind: 'text', pattern: NOT_EMPTY, description: 'What the exception is called in reports.' },
    },
    fields: {
      required: true,
      shape: {
        kind: 'list',
        atLeast: 1,
        description:
          'Attributes as the language writes them, such as `tenant_id`, `resource.region` or `span.service`.',
        items: { kind: 'text', pattern: NOT_EMPTY, description: 'An attribute.' },
      },
    },
    values: {
      required: true,
      shape: {
        kind: 'list',
        atLeast: 1,
        description:
          'Rows, each with one value for each field. A span is excepted when it equals one row in all fields.',
        items: {
          kind: 'list',
          atLeast: 1,
          description: 'One value for each field, in the order of `fields`.',
          items: { kind: 'scalar', description: 'A value, of the type that the attribute has.' },
        },
      },
    },
    anywhere: {
      shape: {
        kind: 'boolean',
        default: false,
        description:
          'Excepts a trace in which any span at all has the values. The violations of the rule then wait until the trace has closed.',
      },
    },
    reason: {
      required: true,
      shape: { kind: 'text', pattern: NOT_EMPTY, description: 'Why this is not a violation.' },
    },
    expires: {
      required: true,
      shape: {
        kind: 'text',
        pattern: ISO_DATE,
        what: 'a date such as `2027-03-01`',
        description: 'From the start of this day (UTC) on, the exception excepts nothing.',
      },
    },
  },
};

const RULE: MapShape = {
  kind: 'map',
  description: 'A rule: what must be true of every trace.',
  keys: {
    id: {
      required: true,
      shape: {
        kind: 'text',
        pattern: KEBAB_CASE,
        what: 'a kebab-case id such as `payment-requires-inventory`',
        description: 'Kebab-case, unique over all rule files that are loaded together.',
      },
    },
    name: {
      shape: { kind: 'text', pattern: NOT_EMPTY, description: 'The rule in a few words; absent: the id.' },
    },
    invariant: {
      shape: {
        kind: 'text',
        pattern: INVARIANT,
        what: 'an invariant number such as `INVARIANT-44`',
        description: 'The number that an approved spec delta gave; needs `origin: incident:...`.',
      },
    },
    severity: {
      shape: {
        kind: 'text',
        values: RULE_SEVERITIES,
        default: 'medium',
        description: 'How bad a violation is.',
      },
    },
    category: {
      shape: {
        kind: 'text',
        pattern: NOT_EMPTY,
        offered: CATEGORIES,
        description: 'A category of the Spec Delta template, or other text.',
      },
    },
    enforcement: {
      shape: {
        kind: 'text',
        values: ENFORCEMENTS,
        description:
          'What a violation does. Absent: `soft-warning`, and `audit-only` for a rule whose origin is no incident.',
      },
    },
    environments: {
      shape: {
        kind: 'list',
        atLeast: 1,
        description:
          'Only spans of these environments (`deployment.environment.name`) trigger the rule; absent: all.',
        items: { kind: 'text', pattern: NOT_EMPTY, description: 'An environment.' },
      },
    },
    condition: {
      required: true,
      shape: {
        kind: 'text',
        pattern: NOT_EMPTY,
        what: 'a condition in the FLUO DSL',
        description:
          'The rule in the FLUO DSL. A condition of several lines with `//` comments in it stands below a `|`: in other texts YAML joins the lines, and a comment would take the rest of the rule with it.',
      },
    },
    on_incomplete: {
      shape: {
        kind: 'text',
        values: ['inconclusive', 'judge'],
        default: 'inconclusive',
        description:
          'What to say of a trace that is known to be incomplete: `judge` judges it as if it were complete.',
      },
    },
    raise: {
      shape: {
        kind: 'map',
        description:
          'A signal only when so many of the applicable traces break the rule; absent: each violation is one.',
        keys: {
          share: {
            required: true,
            shape: {
              kind: 'text',
              pattern: SHARE,
              what: 'a share such as `5%`',
              description:
                'Share of the applicable traces that must break the rule, more than 0% and at most 100%.',
            },
          },
          within: {
            required: true,
            shape: {
              kind: 'text',
              pattern: DURATION,
              what: 'a duration such as `1m`',
              description: 'The time over which the share is taken.',
            },
          },
          at_least: {
            shape: {
              kind: 'number',
              integer: true,
              minimum: 1,
              default: 1,
              description: 'Fewest violations in that time.',
            },
          },
        },
      },
    },
    exceptions: {
      shape: {
        kind: 'list',
        atLeast: 0,
        description: 'What the rule does not speak of, each with reason and expiry.',
        items: EXCEPTION,
      },
    },
    compliance: {
      shape: {
        kind: 'list',
        atLeast: 0,
        description: 'Controls that the rule gives evidence for, such as `SOC2 CC7.2`.',
        items: { kind: 'text', pattern: NOT_EMPTY, description: 'A control.' },
      },
    },
    owner: {
      shape: { kind: 'text', pattern: NOT_EMPTY, description: 'The team that answers for the rule.' },
    },
    origin: {
      shape: {
        kind: 'text',
        pattern: ORIGIN,
        what: '`incident:`, `failure:`, `regulation:` or `spec:` with a reference behind it',
        description:
          "Why the rule exists: `incident:` a failure of one's own, `failure:` a public one, `regulation:`, or `spec:`.",
      },
    },
    runbook: {
      shape: {
        kind: 'text',
        pattern: RUNBOOK,
        what: 'an address (`https://...`) or a path of the repository',
        description: 'What to do about a violation: an address or a path of the repository.',
      },
    },
  },
};

export const RULE_FILE_SHAPE: MapShape = {
  kind: 'map',
  description: 'Rules that production traces are held to.',
  keys: {
    version: {
      shape: {
        kind: 'number',
        integer: true,
        values: [1],
        default: 1,
        description: 'Version of this format.',
      },
    },
    lists: {
      shape: {
        kind: 'record',
        name: WORD,
        what: 'a name of letters, digits, `_` and `-` that begins with a letter',
        description: 'Lists of values for this file: `in $card_processors`.',
        values: {
          kind: 'list',
          atLeast: 1,
          description: 'Values.',
          items: { kind: 'scalar', description: 'A value.' },
        },
      },
    },
    macros: {
      shape: {
        kind: 'record',
        name: WORD,
        what: 'a name of letters, digits, `_` and `-` that begins with a letter',
        description: 'Selectors for this file: `$paid`.',
        values: {
          kind: 'text',
          pattern: NOT_EMPTY,
          what: 'a selector',
          description:
            'A selector of the FLUO DSL. One of several lines with `//` comments in it stands below a `|`.',
        },
      },
    },
    rules: {
      required: true,
      shape: { kind: 'list', atLeast: 0, description: 'The rules.', items: RULE },
    },
  },
};
