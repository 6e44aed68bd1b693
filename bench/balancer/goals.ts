/** What an idle connection may take, in kilobytes of 1,024. */
export const idleGoal = 12
