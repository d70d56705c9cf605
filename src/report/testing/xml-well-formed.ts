/** A strict reader of the XML that reports write: elements, attributes, text. Throws where a document is not well formed. */

interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text in it, references resolved. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

interface Open {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

export function readXml(document: string): XmlElement {
  // XML 1.0, production 2: the characters that may stand anywhere.
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(document))
    throw new Error('a forbidden character');
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  if (body === document) throw new Error('no XML declaration');
  const stack: Open[] = [{ name: '', attributes: {}, children: [], text: '' }];
  const token = /<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  while (at < body.length) {
    token.lastIndex = at;
    const match = token.exec(body);
    if (match === null) throw new Error(`not well formed at ${JSON.stringify(body.slice(at, at + 40))}`);
    at = token.lastIndex;
    const [, closing, name = '', attributes = '', empty, text] = match;
    const top = stack.at(-1);
    if (top === undefined) throw new Error('text behind the root');
    if (text !== undefined) {
      if (text.includes(']]>')) throw new Error('a bare ]]>');
      top.text += resolve(text);
    } else if (closing === '/') {
      stack.pop();
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`);
      stack.at(-1)?.children.push(top);
    } else {
      const element = { name, attributes: readAttributes(attributes), children: [], text: '' };
      if (empty === '/') top.children.push(element);
      else stack.push(element);
    }
  }
  const [root, ...more] = stack[0]?.children ?? [];
  if (stack.length !== 1 || root === undefined || more.length > 0) throw new Error('not one closed root');
  return root;
}

function readAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/([\w:.-]+)="([^"]*)"/g)) {
    if (name in attributes) throw new Error(`${name} twice`);
    attributes[name] = resolve(value);
  }
  return attributes;
}

function resolve(text: string): string {
  return text.replace(/&([^;]*);?/g, (reference, name: string) => {
    const character = ENTITIES[name];
    if (character === undefined || !reference.endsWith(';')) throw new Error(`the reference ${reference}`);
    return character;
  });
}
