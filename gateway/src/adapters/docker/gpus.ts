/** NVIDIA's driver lists the GPUs of this machine; the engine's API does not count them. */
import { readdir } from 'node:fs/promises';

export async function countGpus(): Promise<number> {
  try {
    return (await readdir('/proc/driver/nvidia/gpus')).length;
  } catch {
    return 0;
  }
}
