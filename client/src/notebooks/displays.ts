/** Outputs that have a display id, so that `update_display_data` finds them in whatever cell they are. */
import type { Bundle, DataOutput } from './outputs.ts';
import type { Run } from './run.ts';

export type Displays = {
  add(output: DataOutput, run: Run): void;
  /** Answers the runs whose outputs changed; null when no such display was read. */
  update(id: string, data: Bundle, metadata: Record<string, unknown>): Run[] | null;
  /** The run's outputs are on their way out. */
  forget(run: Run): void;
};

export function createDisplays(): Displays {
  const byId = new Map<string, Map<DataOutput, Run>>();
  return {
    add(output, run) {
      const { displayId } = output;
      if (displayId === null) return;
      const same = byId.get(displayId) ?? new Map<DataOutput, Run>();
      byId.set(displayId, same.set(output, run));
    },
    update(id, data, metadata) {
      const same = byId.get(id);
      if (!same) return null;
      return [...same].flatMap(([output, run]) => (run.outputs.update(output, data, metadata) ? [run] : []));
    },
    forget(run) {
      for (const [id, same] of byId) {
        for (const [output, owner] of same) if (owner === run) same.delete(output);
        if (same.size === 0) byId.delete(id);
      }
    },
  };
}
