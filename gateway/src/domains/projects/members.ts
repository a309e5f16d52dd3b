import type { Member } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Parts } from './parts.ts';

/** Everybody sees who is in a project; its owners decide. Somebody must own it. */
export function memberActions({ rows, events, find, hooks }: Parts) {
  return {
    async listMembers(name: string): Promise<Member[]> {
      return rows.members((await find(name)).id);
    },

    async setMember(name: string, member: Member): Promise<Member> {
      const { id } = await find(name);
      const outcome = await rows.setMember(id, member);
      if (outcome === 'no-user') throw new Problem('not-found', `There is no user "${member.user}". An administrator can create one.`);
      if (outcome === 'last-owner') throw lastOwner(name, member.user);
      events.publish({ type: 'member.set', project: name, data: member }, id);
      await hooks.runMembersChanged({ id, name });
      return member;
    },

    async removeMember(name: string, user: string): Promise<void> {
      const { id } = await find(name);
      const outcome = await rows.removeMember(id, user);
      if (outcome === 'no-member') throw new Problem('not-found', `"${user}" is not a member of the project "${name}".`);
      if (outcome === 'last-owner') throw lastOwner(name, user);
      events.publish({ type: 'member.removed', project: name, data: { user } }, id);
      await hooks.runMembersChanged({ id, name });
    },
  };
}

function lastOwner(project: string, user: string): Problem {
  return new Problem('conflict', `"${user}" is the last owner of the project "${project}". Make another member an owner first.`);
}
