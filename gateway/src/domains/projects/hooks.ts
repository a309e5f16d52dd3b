/** What other domains do when something happens to a project. Whoever deletes it waits for them. */

export type ProjectId = { id: string; name: string };
type Hook = (project: ProjectId) => Promise<void> | void;

export function createHooks() {
  const deleted = createHook();
  const erased = createHook();
  const membersChanged = createHook();
  return {
    /** It was put into the bin: end what runs in it. */
    onDeleted: deleted.add,
    runDeleted: deleted.run,
    /** It is about to be deleted for good: delete what belongs to it. */
    onErased: erased.add,
    runErased: erased.run,
    /** Somebody's role changed: look again at who is connected. */
    onMembersChanged: membersChanged.add,
    runMembersChanged: membersChanged.run,
  };
}

function createHook() {
  const hooks = new Set<Hook>();
  return {
    add(hook: Hook): Disposable {
      hooks.add(hook);
      return { [Symbol.dispose]: () => void hooks.delete(hook) };
    },
    /** All of them, even if one fails. @throws what the first one threw */
    async run(project: ProjectId): Promise<void> {
      const results = await Promise.allSettled([...hooks].map(async (hook) => hook(project)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };
}
