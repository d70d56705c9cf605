/** What the archiver's thread and the one that started it say to each other. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { ArchivedSegment, ArchiverOptions, SealedSegment } from './archiver.ts';

/** What the thread is started with. */
export type ArchiverStart = ArchiverOptions;

export type ArchiverRequest =
  | { readonly kind: 'archive'; readonly id: number; readonly segment: SealedSegment }
  | { readonly kind: 'close' };

export type ArchiverAnswer =
  | { readonly kind: 'archived'; readonly id: number; readonly segment: ArchivedSegment }
  | { readonly kind: 'failed'; readonly id: number; readonly diagnostic: Diagnostic };
