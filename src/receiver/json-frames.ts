/**
 * Which parts of a JSON document of traces are cut out of it when it is too large to be held:
 *
 *     [ E, E, ... ]                                          a list: of requests, traces, spans
 *     [ [ E, ... ], ... ]                                    a list of lists of spans (Zipkin)
 *     { "data": [ E, ... ] }                                 Jaeger's traces
 *     { "resourceSpans": [ { "resource": R,
 *         "scopeSpans": [ { "scope": S, "spans": [ E, ... ] } ] } ] }      at each of the three levels
 *
 * A frame stands for a container on the way to such elements; what is inside of an element is not looked at.
 */
import type { TraceFormat } from './record.ts';

type Role =
  | 'list'
  | 'inner-list'
  | 'document'
  | 'traces'
  | 'resource-spans'
  | 'resource'
  | 'scope-spans'
  | 'scope'
  | 'spans';

export interface Frame {
  readonly role: Role;
  readonly isArray: boolean;
  /** An array whose elements stand for themselves. */
  readonly cuttable: boolean;
  /** Of an object: the key read last, all keys (the first ones), and whether a key comes next. */
  key: string;
  readonly keys: string[];
  expectsKey: boolean;
  /** Of an object: an array in it was left with elements; those would be told twice if another one were cut. */
  closed: boolean;
  /** Of an object: spans were read without the resource or scope that it may still bring. */
  headerMissed: boolean;
  /** Of an array: where the elements that are held begin, and the line there. */
  elementsFrom: number;
  elementsLine: number;
  /** Of an array: behind the comma of its last whole element, and the line there; -1 for none. */
  commaEnd: number;
  commaLine: number;
  /** Of an array: behind its last whole element; -1 for none. */
  elementEnd: number;
}

const MOST_KEYS = 64;
const ROLES: Readonly<Record<string, Role>> = {
  'document.resourceSpans': 'resource-spans',
  'document.resource_spans': 'resource-spans',
  'document.data': 'traces',
  'resource.scopeSpans': 'scope-spans',
  'resource.scope_spans': 'scope-spans',
  'resource.instrumentationLibrarySpans': 'scope-spans',
  'resource.instrumentation_library_spans': 'scope-spans',
  'scope.spans': 'spans',
};

/** The frame of a container in another one; null where nothing in it is cut out. */
export function frameIn(parent: Frame | null, isArray: boolean, at: number, line: number): Frame | null {
  const role = roleIn(parent, isArray);
  if (role === null) return null;
  return {
    role,
    isArray,
    cuttable: isArray && parent?.closed !== true,
    key: '',
    keys: [],
    expectsKey: !isArray,
    closed: false,
    headerMissed: false,
    elementsFrom: at + 1,
    elementsLine: line,
    commaEnd: -1,
    commaLine: line,
    elementEnd: -1,
  };
}

function roleIn(parent: Frame | null, isArray: boolean): Role | null {
  if (parent === null) return isArray ? 'list' : 'document';
  switch (parent.role) {
    case 'list':
      return isArray ? 'inner-list' : 'document';
    case 'inner-list':
    case 'traces':
      return isArray ? null : 'document';
    case 'resource-spans':
      return isArray ? null : 'resource';
    case 'scope-spans':
      return isArray ? null : 'scope';
    case 'spans':
      return null;
    default:
      return isArray ? (ROLES[`${parent.role}.${parent.key}`] ?? null) : null;
  }
}

/** Notes a key of an object. */
export function noteKey(frame: Frame, key: string): void {
  frame.key = key;
  frame.expectsKey = false;
  if (frame.keys.length < MOST_KEYS) frame.keys.push(key);
}

/** Whether the object has told what belongs to all spans in it: before that, cutting would part them. */
export function hasHeader(frame: Frame): boolean {
  if (frame.role === 'resource') return frame.keys.includes('resource');
  if (frame.role === 'scope') return frame.keys.some(isScopeKey);
  return true;
}

/** Whether a key of the frame is the header that was missed. */
export function isLateHeader(frame: Frame, key: string): boolean {
  if (!frame.headerMissed) return false;
  return frame.role === 'resource' ? key === 'resource' : isScopeKey(key);
}

function isScopeKey(key: string): boolean {
  return key === 'scope' || key === 'instrumentationLibrary' || key === 'instrumentation_library';
}

/** The format of a document by its keys; null for none that is known. No keys are an empty request. */
export function formatOfKeys(keys: readonly string[]): TraceFormat | null {
  if (keys.length === 0 || keys.some((key) => OTLP_KEY.test(key))) return 'otlp-json';
  if (keys.includes('data')) return 'jaeger-json';
  if (keys.includes('spans') && (keys.includes('traceID') || keys.includes('processes')))
    return 'jaeger-json';
  if (keys.includes('traceID') && keys.includes('spanID')) return 'jaeger-json';
  return keys.includes('traceId') && keys.includes('id') ? 'zipkin-json' : null;
}

const OTLP_KEY = /^resource(?:_spans|_logs|_metrics|_profiles|Spans|Logs|Metrics|Profiles)$/;
