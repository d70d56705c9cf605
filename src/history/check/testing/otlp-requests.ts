/** OTLP/JSON export requests for property tests: as exporters write them, and with the oddities that the format allows or forbids. */
import fc from 'fast-check';

/** JSON with its numbers as they are written. */
type Json =
  | string
  | boolean
  | null
  | { readonly raw: string }
  | readonly Json[]
  | { readonly members: readonly (readonly [string, Json])[] };

export interface TextStyle {
  /** Of keys in objects. */
  readonly order: 'kept' | 'reversed' | 'rotated';
  /** Between all tokens. */
  readonly blanks: string;
  /** Write some letters of strings as escapes. */
  readonly escapes: boolean;
}

/** Writes a request as text. Attributes keep the order of their two keys. */
export function jsonText(json: Json, style: TextStyle): string {
  const { blanks } = style;
  if (json === null || typeof json === 'boolean') return String(json);
  if (typeof json === 'string') return stringText(json, style.escapes);
  if ('raw' in json) return json.raw;
  if ('members' in json) {
    const isAttribute = json.members[0]?.[0] === 'key';
    const members = ordered(json.members, isAttribute ? 'kept' : style.order).map(
      ([key, value]) => `${blanks}"${key}"${blanks}:${blanks}${jsonText(value, style)}${blanks}`,
    );
    return `{${members.join(',') || blanks}}`;
  }
  return `[${json.map((element) => `${blanks}${jsonText(element, style)}${blanks}`).join(',') || blanks}]`;
}

function ordered<T>(members: readonly T[], order: TextStyle['order']): readonly T[] {
  if (order === 'kept') return members;
  if (order === 'reversed') return [...members].reverse();
  return [...members.slice(1), ...members.slice(0, 1)];
}

function stringText(text: string, escapes: boolean): string {
  const written = JSON.stringify(text);
  return escapes ? written.replace(/e/g, '\\u0065').replace(/\//g, '\\/') : written;
}

const number = (value: number | bigint | string): Json => ({ raw: String(value) });
const object = (members: readonly (readonly [string, Json] | null)[]): Json => ({
  members: members.filter((member) => member !== null),
});

const hex = (digits: number, odd: boolean): fc.Arbitrary<string> =>
  fc.bigInt({ min: 1n, max: 40n }).map((id) => {
    const text = (id * 0x9e3779b97f4a7c15n).toString(16).padStart(digits, 'a').slice(-digits);
    return odd && id % 7n === 0n ? text.toUpperCase() : text;
  });

const text = fc.oneof(
  fc.constantFrom(
    'payment.charge',
    'GET /api/v2/orders',
    'x',
    'sql.rows',
    'Zürich',
    '漢字',
    '"quoted"',
    'a\\b',
    'line\nend',
    '😀',
  ),
  fc.string({ minLength: 1, maxLength: 30 }),
);
const plainName = fc.constantFrom(
  'payment.charge',
  'GET /api/v2/orders',
  'x',
  'ab',
  'sql.rows',
  'a name of some length that goes on',
);

function value(odd: boolean): fc.Arbitrary<Json> {
  const scalar: fc.Arbitrary<Json> = fc.oneof(
    text.map((content) => object([['stringValue', content]])),
    fc.integer().map((whole) => object([['intValue', String(whole)]])),
    fc.integer().map((whole) => object([['intValue', number(whole)]])),
    fc.boolean().map((truth) => object([['boolValue', truth]])),
    fc
      .constantFrom('1.5', '-0.25', '1e3', '2E-7', '0', '1e400')
      .map((raw) => object([['doubleValue', number(raw)]])),
  );
  const list = fc
    .array(scalar, { maxLength: 3 })
    .map((values) => object([['arrayValue', object([['values', values]])]]));
  if (!odd) return fc.oneof({ weight: 5, arbitrary: scalar }, { weight: 1, arbitrary: list });
  const strange: fc.Arbitrary<Json> = fc.constantFrom<Json>(
    object([]),
    object([['bytesValue', 'AAEC']]),
    object([['kvlistValue', object([['values', []]])]]),
    object([['string_value', 'snake']]),
    object([['intValue', number('1.5')]]),
    object([['intValue', '12x']]),
    object([['intValue', '9223372036854775807']]),
    object([['intValue', '-0']]),
    object([['doubleValue', 'NaN']]),
    object([['doubleValue', '0.5']]),
    object([['boolValue', 'true']]),
    object([['stringValue', null]]),
    object([
      ['stringValue', 'a'],
      ['boolValue', true],
    ]),
    null,
  );
  return fc.oneof(
    { weight: 12, arbitrary: scalar },
    { weight: 2, arbitrary: list },
    { weight: 1, arbitrary: strange },
  );
}

function attributes(odd: boolean): fc.Arbitrary<Json> {
  return fc.array(
    fc
      .tuple(fc.constantFrom('amount', 'tenant_id', 'http.route', 'città', ''), value(odd))
      .map(([key, content]) =>
        object([
          ['key', key],
          ['value', content],
        ]),
      ),
    { maxLength: 3 },
  );
}

/** Wraps a field: mostly there, sometimes not. */
function perhaps(key: string, content: fc.Arbitrary<Json>): fc.Arbitrary<readonly [string, Json] | null> {
  return fc.oneof(
    fc.constant(null),
    content.map((json) => [key, json] as const),
  );
}

/** Mostly the one, seldom the other. */
function seldom(odd: boolean, usual: fc.Arbitrary<Json>, strange: readonly Json[]): fc.Arbitrary<Json> {
  return odd
    ? fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...strange) })
    : usual;
}

const FIRST = 1_661_140_339_000_000_000n;

function span(odd: boolean): fc.Arbitrary<Json> {
  const start = fc.bigInt({ min: 0n, max: 5_000_000_000n });
  const length = fc.bigInt({ min: 0n, max: 5_000_000_000n });
  const name: fc.Arbitrary<string> = odd
    ? fc.oneof({ weight: 10, arbitrary: plainName }, { weight: 1, arbitrary: text })
    : plainName;
  return fc
    .tuple(
      hex(32, odd),
      hex(16, odd),
      perhaps(
        'parentSpanId',
        seldom(odd, fc.oneof(hex(16, odd), fc.constant('')), ['0000000000000000', null, 'zz', number(5)]),
      ),
      seldom(odd, name, [null, number(1), '']),
      perhaps(
        'kind',
        seldom(odd, fc.integer({ min: 0, max: 5 }).map(number), [
          'SPAN_KIND_SERVER',
          number(6),
          number('2.0'),
          number(-1),
        ]),
      ),
      fc.tuple(start, length, fc.integer({ min: 0, max: odd ? 40 : 0 })),
      perhaps('attributes', attributes(odd)),
      perhaps(
        'status',
        seldom(
          odd,
          fc
            .tuple(perhaps('code', fc.integer({ min: 0, max: 2 }).map(number)), perhaps('message', text))
            .map(object),
          [object([['code', 'STATUS_CODE_ERROR']]), object([['code', number(3)]]), [], null],
        ),
      ),
      perhaps(
        'events',
        fc.array(
          fc.tuple(text, attributes(odd)).map(([event, list]) =>
            object([
              ['timeUnixNano', String(FIRST)],
              ['name', event],
              ['attributes', list],
              ['droppedAttributesCount', number(0)],
            ]),
          ),
          { maxLength: 2 },
        ),
      ),
      perhaps(
        'links',
        fc.array(
          fc.tuple(hex(32, odd), hex(16, odd)).map(([traceId, spanId]) =>
            object([
              ['traceId', traceId],
              ['spanId', spanId],
              ['flags', number(257)],
            ]),
          ),
          { maxLength: 2 },
        ),
      ),
      perhaps('traceState', fc.constantFrom('', 'ot=th:8', 'vendor=x,ot=th:c')),
      perhaps('flags', fc.constantFrom(number(1), number(769), number(256), number(512))),
      perhaps('droppedAttributesCount', fc.constantFrom(number(0), number(12))),
    )
    .map(([traceId, spanId, parent, spanName, kind, [from, long, strange], ...rest]) => {
      const end: Json =
        strange === 1
          ? String(FIRST - 5n)
          : strange === 2
            ? number(FIRST + from + long)
            : String(FIRST + from + long);
      return object([
        ['traceId', traceId],
        ['spanId', spanId],
        parent,
        ['name', spanName],
        kind,
        ['startTimeUnixNano', String(FIRST + from)],
        strange === 3 ? null : ['endTimeUnixNano', end],
        ...rest,
        strange === 4 ? ['colour', 'red'] : null,
      ]);
    });
}

/** A request of a few resources. `odd`: with what exporters seldom write, and what they must not. */
export function exportRequest({ odd }: { readonly odd: boolean }): fc.Arbitrary<Json> {
  const scope = fc.tuple(perhaps('name', text), perhaps('version', fc.constant('1.0'))).map(object);
  const scopeSpans = fc
    .tuple(
      perhaps('scope', scope),
      fc.array(span(odd), { maxLength: 4 }),
      perhaps('schemaUrl', fc.constant('https://x/1')),
    )
    .map(([named, spans, url]) => object([named, ['spans', spans], url]));
  const resource = attributes(odd).map((list) => object([['attributes', list]]));
  const resourceSpans = fc
    .tuple(perhaps('resource', resource), fc.array(scopeSpans, { minLength: odd ? 0 : 1, maxLength: 2 }))
    .map(([of, lists]) => object([of, ['scopeSpans', lists]]));
  return fc.array(resourceSpans, { maxLength: 3 }).map((all) => object([['resourceSpans', all]]));
}
