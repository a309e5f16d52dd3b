import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** 80 random bits in 16 lower-case characters that are safe in paths, labels, URLs and on the telephone. */
export function newId(): string {
  const bytes = randomBytes(16);
  return Array.from(bytes, (byte) => alphabet[byte % 32]).join('');
}
