/** Applied in the order of their names, each once. Never change one that was released: add another. */
import type { Migration } from 'kysely/migration';
import { up as core } from './0001-core.ts';
import { up as kernels } from './0002-kernels.ts';
import { up as jobs } from './0003-jobs.ts';
import { up as environments } from './0004-environments.ts';
import { up as git } from './0005-git.ts';
import { up as following } from './0006-following.ts';
import { up as uids } from './0008-uids.ts';
import { up as access } from './0009-access.ts';
import { up as pausedSchedules } from './0010-paused-schedules.ts';
import { up as erasing } from './0011-erasing.ts';
import { up as eventShapes } from './0011-event-shapes.ts';
import { up as secrets } from './0012-secrets.ts';
import { up as limits } from './0013-limits.ts';
import { up as warnings } from './0014-warnings.ts';
import { up as buildSecrets } from './0016-build-secrets.ts';

export const migrations: Record<string, Migration> = {
  '0001-core': { up: core },
  '0002-kernels': { up: kernels },
  '0003-jobs': { up: jobs },
  '0004-environments': { up: environments },
  '0005-git': { up: git },
  '0006-following': { up: following },
  '0008-uids': { up: uids },
  '0009-access': { up: access },
  '0010-paused-schedules': { up: pausedSchedules },
  '0011-erasing': { up: erasing },
  '0011-event-shapes': { up: eventShapes },
  '0012-secrets': { up: secrets },
  '0013-limits': { up: limits },
  '0014-warnings': { up: warnings },
  '0016-build-secrets': { up: buildSecrets },
};
