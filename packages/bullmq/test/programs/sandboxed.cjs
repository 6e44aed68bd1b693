// A processor in a process of its own. Says which, and waits for as long as it is told; then it writes that it is done.
const { writeFileSync } = require('node:fs')

module.exports = async ({ data }) => {
  await new Promise((resolve) => setTimeout(resolve, data.ms))
  if (data.file) writeFileSync(data.file, 'done')
  return process.pid
}
