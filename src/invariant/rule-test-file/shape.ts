/** The shape of a file of rule tests. Checked against, and the source of `schema/rule-tests.schema.json`. */
import { DURATION, ISO_DATE, KEBAB_CASE, type MapShape, NOT_EMPTY, type Shape } from '../shape/shape.ts';

export const EXPECTABLE = ['satisfied', 'violated', 'not_applicable', 'inconclusive'] as const;
export const EVENTS = [...EXPECTABLE, 'retracted'] as const;

const DELAY = /^\+\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|d)$/;

const RULE_ID = {
  name: KEBAB_CASE,
  what: 'a rule id, or `at`',
} as const;

const DRAWING: Shape = {
  kind: 'text',
  pattern: NOT_EMPTY,
  what: 'a drawn trace',
  description:
    'A drawn trace: a line a span, indentation for the parent, `service/name @start+duration {attributes}`.',
};

const TEST: MapShape = {
  kind: 'map',
  description: 'A test: traces, and what the rules must say of them.',
  oneOf: ['trace', 'traces'],
  keys: {
    name: {
      required: true,
      shape: { kind: 'text', pattern: NOT_EMPTY, description: 'What the test shows, unique in the file.' },
    },
    trace: { shape: DRAWING },
    traces: {
      shape: {
        kind: 'list',
        atLeast: 1,
        description: 'Several traces, for rules `across` traces.',
        items: DRAWING,
      },
    },
    arrive: {
      shape: {
        kind: 'record',
        name: NOT_EMPTY,
        what: 'a span name',
        description: 'Spans that arrive late, by name or `"#label"`: how long after their end.',
        values: { kind: 'text', pattern: DELAY, what: 'a delay such as `+40s`', description: 'A delay.' },
      },
    },
    expect: {
      required: true,
      shape: {
        kind: 'choice',
        description:
          'Verdicts by rule. A rule that is not named must be `not_applicable`, unless `only: true`.',
        options: [
          {
            kind: 'record',
            ...RULE_ID,
            description: 'The verdict of each rule when all has arrived.',
            values: { kind: 'text', values: EXPECTABLE, description: 'A verdict.' },
          },
          {
            kind: 'list',
            atLeast: 1,
            description: 'What the live engine says, and when.',
            items: {
              kind: 'map',
              description: 'What is said at one time.',
              keys: {
                at: {
                  required: true,
                  shape: {
                    kind: 'text',
                    pattern: DURATION,
                    what: 'a time such as `15s`',
                    description: 'Time since the start of the drawing.',
                  },
                },
              },
              others: {
                kind: 'record',
                ...RULE_ID,
                description: 'Verdicts by rule.',
                values: { kind: 'text', values: EVENTS, description: 'A verdict, or `retracted`.' },
              },
            },
          },
        ],
      },
    },
    only: {
      shape: {
        kind: 'boolean',
        default: false,
        description: 'Whether rules that `expect` does not name may have any verdict.',
      },
    },
  },
};

export const RULE_TEST_FILE_SHAPE: MapShape = {
  kind: 'map',
  description: 'Tests of rules: drawn traces and the verdicts that they must get.',
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
    rules: {
      required: true,
      shape: {
        kind: 'choice',
        description: 'The rule file under test, or several, as paths from this file.',
        options: [
          { kind: 'text', pattern: NOT_EMPTY, what: 'a path', description: 'A path from this file.' },
          {
            kind: 'list',
            atLeast: 1,
            description: 'Paths from this file.',
            items: {
              kind: 'text',
              pattern: NOT_EMPTY,
              what: 'a path',
              description: 'A path from this file.',
            },
          },
        ],
      },
    },
    today: {
      shape: {
        kind: 'text',
        pattern: ISO_DATE,
        what: 'a date such as `2027-03-01`',
        description:
          'The day on which the tests take place: it decides which exceptions have expired. Absent: the present day.',
      },
    },
    tests: {
      required: true,
      shape: { kind: 'list', atLeast: 1, description: 'The tests.', items: TEST },
    },
  },
};
