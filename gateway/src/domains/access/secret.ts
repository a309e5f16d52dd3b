/** The secrets of API keys. */
import { createHash, randomBytes } from 'node:crypto';

const form = /^bine_[A-Za-z0-9_-]{43}$/;

export function newSecret(): string {
  return `bine_${randomBytes(32).toString('base64url')}`;
}

/** Null: not a secret of ours. */
export function hashSecret(secret: string): string | null {
  if (!form.test(secret)) return null;
  // A slow, salted hash protects what people think up. 256 random bits cannot be guessed from a fast one either, and
  // looking the hash up in an index compares no secret byte by byte.
  return createHash('sha256').update(secret).digest('hex');
}
