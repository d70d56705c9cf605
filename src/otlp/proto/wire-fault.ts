/** Why an export request as a whole cannot be taken. */
import { formatPath, type JsonPath } from '../../base/exact-json.ts';

export interface WireFault {
  /**
   * `damaged`: it breaks protobuf's wire format or OTLP's definition. `foreign`: a request of logs or metrics. `too-many-spans`: smaller
   * batches would be taken. Sending the same bytes again helps in no case.
   */
  readonly kind: 'damaged' | 'foreign' | 'too-many-spans';
  /** In the bytes of the request, near to where it was found; 0 for what concerns all of it. */
  readonly offset: number;
  /** The field, by the field names of the OTLP definition in JSON's spelling; empty for the request. */
  readonly path: JsonPath;
  /** The end of a sentence that begins with the field or the request. */
  readonly message: string;
}

/** The fault as a sentence for the sender: field, what is wrong, where. */
export function describeWireFault({ kind, offset, path, message }: WireFault): string {
  const field = formatPath(path);
  const what = field === '' ? 'the request' : `\`${field}\``;
  return `${what} ${message}${kind === 'damaged' ? ` (at byte ${offset})` : ''}`;
}
