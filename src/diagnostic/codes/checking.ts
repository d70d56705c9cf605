/** What the check itself says of an input that was read. FL550 to FL559. */
import type { CodeEntry } from '../codes.ts';

export const CHECKING_CODES = {
  FL550: {
    name: 'unlisted-problems',
    title: 'Problems of the input are few enough to list',
    explanation:
      'The input has so many problems that listing them all would help nobody and fill the memory. All of them are counted. ' +
      'Many problems of one input mostly have one cause: a wrong exporter, a file cut in the middle, another format.',
  },
  FL551: {
    name: 'unlisted-violations',
    title: 'Violations are few enough to list',
    explanation:
      'More scopes violate the rules than are listed. The counts by rule are complete; the list holds the first ones in time. So many ' +
      'violations mostly mean that a rule says something else than was meant: `fluo lint` and `fluo explain` show how it is read.',
  },
} as const satisfies Record<string, CodeEntry>;
