import type * as Pg from 'pg'

/** The module of node-postgres, what `import pg from 'pg'` gives: of it, what this package uses. */
export type Driver = Pick<typeof Pg, 'Client' | 'Pool' | 'types'>
