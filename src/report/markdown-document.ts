/** Markdown of bounded size: a pull request's comment and a job's summary end at 65,536 characters. */

const LONGEST_MARKDOWN = 65_000;
/** Kept free for the sentence that says what was cut off. */
const LAST_WORDS = 200;

export interface Block {
  readonly text: string;
  /** What it counts as in the sentence about the cut, `finding`; null for what is no item. */
  readonly item: boolean;
}

/**
 * Gives the blocks in order until one no longer fits, each followed by an empty line; that one and all after it are left out,
 * and the last sentence says how many of the items.
 */
export function* boundedBlocks(
  blocks: Iterable<Block>,
  items: string,
  limit = LONGEST_MARKDOWN,
): Iterable<string> {
  let room = limit - LAST_WORDS;
  let omitted = 0;
  let cut = false;
  for (const { text, item } of blocks) {
    const length = text.length + 2;
    if (cut || length > room) {
      cut = true;
      if (item) omitted++;
      continue;
    }
    room -= length;
    yield `${text}\n\n`;
  }
  if (cut) yield `_Cut here: ${omitted} more ${items} did not fit. \`--format json\` has all of them._\n`;
}
