/**
 * The same text as the one copy of it that the engine keeps for names of properties: two such texts are compared by their addresses alone, where
 * others are compared letter by letter. For names that are compared for every span.
 */
export function internalized(text: string): string {
  for (const key in { [text]: true }) return key;
  return text;
}
