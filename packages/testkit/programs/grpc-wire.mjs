// Protobuf, as far as messages of strings and int32s need it: https://protobuf.dev/programming-guides/encoding

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** The codec of a message whose fields are numbered from 1 in the order given: `{ text: 'string', number: 'int32' }`. */
export function message(types) {
  const fields = Object.entries(types).map(([name, type], index) => ({ name, type, id: index + 1 }))
  return {
    encode: (value) => Buffer.concat(fields.map((field) => encodeField(field, value[field.name]))),
    decode: (bytes) => decodeFields(fields, bytes),
  }
}

/** As proto3 says, what has its default value is left out. */
function encodeField({ id, type }, value) {
  if (!value) return Buffer.alloc(0)
  if (type === 'int32') return Buffer.concat([tag(id, VARINT), varint(BigInt.asUintN(64, BigInt(value)))])
  const text = Buffer.from(value)
  return Buffer.concat([tag(id, BYTES), varint(text.length), text])
}

function tag(id, wireType) {
  return varint((id << 3) | wireType)
}

function varint(number) {
  const bytes = []
  let rest = BigInt(number)
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

function decodeFields(fields, bytes) {
  const value = Object.fromEntries(fields.map(({ name, type }) => [name, type === 'int32' ? 0 : '']))
  const reader = { bytes, at: 0 }
  while (reader.at < bytes.length) {
    const key = Number(readVarint(reader))
    const content = readContent(reader, key & 7)
    const field = fields.find(({ id }) => id === key >> 3)
    if (field) value[field.name] = field.type === 'int32' ? Number(BigInt.asIntN(32, content)) : String(content)
  }
  return value
}

function readContent(reader, wireType) {
  if (wireType === VARINT) return readVarint(reader)
  if (wireType === BYTES) return take(reader, Number(readVarint(reader)))
  if (wireType === FIXED64) return take(reader, 8)
  if (wireType === FIXED32) return take(reader, 4)
  throw new Error(`wire type ${wireType} is not known`)
}

function readVarint(reader) {
  let number = 0n
  for (let shift = 0n; ; shift += 7n) {
    const [byte] = take(reader, 1)
    number |= BigInt(byte & 127) << shift
    if (byte < 128) return number
  }
}

function take(reader, length) {
  const end = reader.at + length
  if (end > reader.bytes.length) throw new Error('the message ends too early')
  const part = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return part
}
