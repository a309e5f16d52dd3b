import { trustsMore } from '@bine/client/node/trust';

type WithOriginal = typeof globalThis & { __vscodeOriginalFetch?: typeof fetch };

/**
 * VS Code replaces `fetch` by one that knows its proxies, and that ignores certificates which Node is told to trust later. Where a gateway has
 * such a certificate, Node's own is used.
 */
export const nodeFetch: typeof fetch = (input, init) => {
  const own = trustsMore() ? (globalThis as WithOriginal).__vscodeOriginalFetch : undefined;
  return (own ?? fetch)(input, init);
};
