/** Paths below the API's prefix that are spoken to without a client of the contract: bytes and kernels' messages. */

export const fileContentPath = '/projects/{project}/files/content';
export const kernelChannelsPath = '/projects/{project}/kernels/{kernel}/channels';
export const snapshotBlobPath = '/projects/{project}/snapshots/blobs/{sha256}';
export const executionResultPath = '/projects/{project}/executions/{execution}/results/content';
export const gitContentPath = '/projects/{project}/git/content';
