import { actionsScript } from './script/actions.ts'
import { columnsScript } from './script/columns.ts'
import { formatScript } from './script/format.ts'
import { mainScript } from './script/main.ts'
import { sparkScript } from './script/spark.ts'
import { summaryScript } from './script/summary.ts'
import { tableScript } from './script/table.ts'
import { toolsScript } from './script/tools.ts'

/**
 * The page's script: a module, for browsers of 2022 and later. It is text here, so that every bundler leaves it alone; a test
 * lints it as what it is.
 */
export const script: string = [
  formatScript,
  sparkScript,
  columnsScript,
  summaryScript,
  actionsScript,
  tableScript,
  toolsScript,
  mainScript,
].join('\n')
