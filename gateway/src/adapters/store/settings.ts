import { newId } from '../../lib/id.ts';
import type { Database } from './store.ts';

/** The gateway's id, which its containers carry as a label. Made once; it goes where the database goes. */
export async function gatewayId(db: Database): Promise<string> {
  const fresh = { name: 'gateway', value: newId() };
  await db
    .insertInto('settings')
    .values(fresh)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await db.selectFrom('settings').select('value').where('name', '=', fresh.name).executeTakeFirstOrThrow()).value;
}
