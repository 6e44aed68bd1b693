/** How many callers there are in all, on however many sides. */
export const CALLERS = 50
