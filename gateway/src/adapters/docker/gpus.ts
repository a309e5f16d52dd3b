/** NVIDIA's driver lists the GPUs of this machine; the engine's API does not count them. */
import { readdir } from 'node:fs/promises';
import { ifThere } from '../../lib/if-there.ts';

export async function countGpus(): Promise<number> {
  return (await ifThere(readdir('/proc/driver/nvidia/gpus')))?.length ?? 0;
}
